//! Calls of functions.

use crate::plugin::convert::{decode, encode};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::function::{FunctionError, Parameter, Signature};
use crate::tf::value::Value;

use super::Service;
use super::call::Answer;

/// What is to be computed.
enum Arguments {
    /// From these.
    All(Vec<Value>),
    /// Nothing yet: an argument is not known.
    Unknown,
}

impl Service {
    pub(super) fn call(&self, request: &pb::call_function::Request) -> pb::call_function::Response {
        let mut all = self.provider.functions().iter();
        let Some(function) = all.find(|one| one.name() == request.name) else {
            return Answer::refusal(self.lacks("function", &request.name));
        };
        let signature = function.signature();
        let result = match arguments(signature, &request.arguments) {
            Ok(Arguments::All(arguments)) => function.call(&arguments),
            Ok(Arguments::Unknown) => Ok(Value::UNKNOWN),
            Err(error) => Err(error),
        };
        match result {
            Ok(result) => match encode(&result, &signature.returns, "a result") {
                Ok(result) => {
                    pb::call_function::Response { result: Some(result), ..Default::default() }
                }
                Err(error) => Answer::refusal(error),
            },
            Err(error) => pb::call_function::Response {
                error: Some(pb::FunctionError {
                    text: error.text,
                    function_argument: error.argument,
                }),
                ..Default::default()
            },
        }
    }
}

fn arguments(
    signature: &Signature,
    given: &[pb::DynamicValue],
) -> Result<Arguments, FunctionError> {
    if given.len() < signature.parameters.len() {
        let text = format!(
            "{} arguments are needed, {} were given.",
            signature.parameters.len(),
            given.len()
        );
        return Err(FunctionError { text, argument: None });
    }
    let mut values = Vec::with_capacity(given.len());
    for (index, argument) in given.iter().enumerate() {
        let position = i64::try_from(index).ok();
        let refuse = |text: String| FunctionError { text, argument: position };
        let parameter = signature
            .parameters
            .get(index)
            .or(signature.variadic.as_ref())
            .ok_or_else(|| refuse("There are more arguments than parameters.".to_owned()))?;
        let value = argument_value(parameter, argument).map_err(|error| refuse(error.detail))?;
        if !value.is_wholly_known() && !parameter.allow_unknown {
            return Ok(Arguments::Unknown);
        }
        if value.is_null() && !parameter.allow_null {
            return Err(refuse(format!("The argument {} must not be null.", parameter.name)));
        }
        values.push(value);
    }
    Ok(Arguments::All(values))
}

fn argument_value(parameter: &Parameter, argument: &pb::DynamicValue) -> Result<Value, Diagnostic> {
    decode(Some(argument), &parameter.ty, "an argument")
}
