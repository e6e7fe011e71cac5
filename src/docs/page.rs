//! One page: front matter, description, examples, notes, schema, import.

use std::path::Path;

use crate::tf::function::{Parameter, Signature};
use crate::tf::resource::AnyResource;
use crate::tf::schema::Schema;

use super::example::{self, read};
use super::schema::{arguments, reference, type_name};

const PROVIDER: &str = "modelarts";

/// A name without the provider's prefix, as the registry names pages.
pub(super) fn short_name(type_name: &str) -> &str {
    type_name.strip_prefix(PROVIDER).and_then(|rest| rest.strip_prefix('_')).unwrap_or(type_name)
}

/// The provider's own page.
pub(super) fn provider(schema: &Schema, examples: &Path) -> anyhow::Result<String> {
    let mut page = Page::new("ModelArts Provider", &schema.description);
    page.heading("ModelArts Provider");
    page.text(&schema.description);
    page.example("Example usage", &examples.join("provider/provider.tf"), "terraform")?;
    page.file(&examples.join("provider/notes.md"))?;
    page.text(&reference(schema));
    Ok(page.finish())
}

/// The page of a resource.
pub(super) fn resource(resource: &dyn AnyResource, examples: &Path) -> anyhow::Result<String> {
    let (name, schema) = (resource.type_name(), resource.schema());
    let folder = examples.join("resources").join(name);
    let mut page = Page::new(&format!("{name} Resource - {PROVIDER}"), &schema.description);
    page.heading(&format!("{name} (Resource)"));
    page.deprecation(schema);
    page.text(&schema.description);
    page.examples(&folder)?;
    page.file(&folder.join("notes.md"))?;
    page.text(&reference(schema));
    page.import(&folder, resource.identity_schema())?;
    Ok(page.finish())
}

/// The page of a data source.
pub(super) fn data_source(name: &str, schema: &Schema, examples: &Path) -> anyhow::Result<String> {
    let file = examples.join("data-sources").join(name).join("data-source.tf");
    let mut page = Page::new(&format!("{name} Data Source - {PROVIDER}"), &schema.description);
    page.heading(&format!("{name} (Data Source)"));
    page.deprecation(schema);
    page.text(&schema.description);
    page.example("Example usage", &file, "terraform")?;
    page.text(&reference(schema));
    Ok(page.finish())
}

/// The page of a list resource.
pub(super) fn list_resource(
    name: &str,
    schema: &Schema,
    examples: &Path,
) -> anyhow::Result<String> {
    let file = examples.join("list-resources").join(name).join("list-resource.tfquery.hcl");
    let mut page = Page::new(&format!("{name} List Resource - {PROVIDER}"), &schema.description);
    page.heading(&format!("{name} (List Resource)"));
    page.text(&schema.description);
    page.text("For `terraform query`, which needs Terraform 1.14 or later.");
    page.example("Example usage", &file, "terraform")?;
    page.text(&reference(schema));
    Ok(page.finish())
}

/// The page of an action.
pub(super) fn action(name: &str, schema: &Schema, examples: &Path) -> anyhow::Result<String> {
    let folder = examples.join("actions").join(name);
    let mut page = Page::new(&format!("{name} Action - {PROVIDER}"), &schema.description);
    page.heading(&format!("{name} (Action)"));
    page.text(&schema.description);
    page.text("Actions need Terraform 1.14 or later.");
    page.example("Example usage", &folder.join("action.tf"), "terraform")?;
    page.file(&folder.join("notes.md"))?;
    page.text(&reference(schema));
    Ok(page.finish())
}

/// The page of a function.
pub(super) fn function(
    name: &str,
    signature: &Signature,
    examples: &Path,
) -> anyhow::Result<String> {
    let file = examples.join("functions").join(name).join("function.tf");
    let mut page = Page::new(&format!("{name} Function - {PROVIDER}"), &signature.summary);
    page.heading(&format!("{name} (Function)"));
    page.text(&signature.description);
    page.example("Example usage", &file, "terraform")?;
    page.text("## Signature");
    let parameters = signature.parameters.iter().map(parameter).collect::<Vec<_>>();
    let variadic = signature.variadic.iter().map(|last| format!("{}...", parameter(last)));
    let list = parameters.into_iter().chain(variadic).collect::<Vec<_>>().join(", ");
    page.text(&format!("```text\n{name}({list}) {}\n```", type_name(&signature.returns)));
    let described = signature.parameters.iter().chain(&signature.variadic);
    let lines = described
        .map(|p| format!("- `{}` ({}) {}", p.name, type_name(&p.ty), p.description))
        .collect::<Vec<_>>();
    if !lines.is_empty() {
        page.text("## Arguments");
        page.text(&lines.join("\n"));
    }
    Ok(page.finish())
}

fn parameter(parameter: &Parameter) -> String {
    format!("{} {}", parameter.name, type_name(&parameter.ty))
}

/// A page being written, paragraph by paragraph.
struct Page {
    text: String,
}

impl Page {
    fn new(title: &str, description: &str) -> Self {
        let summary = description.lines().next().unwrap_or_default();
        let text = format!(
            "---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n---\n\n\
             <!-- Generated from the schema and the examples by `{}`; edit those. -->\n",
            super::COMMAND
        );
        Self { text }
    }

    fn heading(&mut self, text: &str) {
        self.text(&format!("# {text}"));
    }

    fn text(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.text.push('\n');
            self.text.push_str(text);
            self.text.push('\n');
        }
    }

    fn deprecation(&mut self, schema: &Schema) {
        if let Some(instead) = &schema.deprecation {
            self.text(&format!("~> **Deprecated.** {instead}"));
        }
    }

    fn example(&mut self, title: &str, file: &Path, language: &str) -> anyhow::Result<()> {
        if let Some(code) = read(file)? {
            self.text(&format!("## {title}"));
            self.code(&code, language);
        }
        Ok(())
    }

    /// Every kind of a resource that there is an example of.
    fn examples(&mut self, folder: &Path) -> anyhow::Result<()> {
        let examples = example::all(folder)?;
        if !examples.is_empty() {
            self.text("## Example usage");
        }
        for example in examples {
            if !example.heading.is_empty() {
                self.text(&format!("### {}", example.heading));
            }
            self.text(&example.introduction);
            self.code(&example.code, "terraform");
        }
        Ok(())
    }

    /// Prose that is written by hand.
    fn file(&mut self, file: &Path) -> anyhow::Result<()> {
        if let Some(text) = read(file)? {
            self.text(&text);
        }
        Ok(())
    }

    fn import(&mut self, folder: &Path, identity: Option<&Schema>) -> anyhow::Result<()> {
        let by_identity = read(&folder.join("import-by-identity.tf"))?.zip(identity);
        let block = read(&folder.join("import.tf"))?;
        let command = read(&folder.join("import.sh"))?;
        if block.is_some() || command.is_some() {
            self.text("## Import");
        }
        if let Some(block) = block {
            self.text("With an import block (Terraform 1.5 and later):");
            self.code(&block, "terraform");
        }
        if let Some((block, identity)) = by_identity {
            self.text("By its identity (Terraform 1.12 and later):");
            self.code(&block, "terraform");
            self.text(&arguments(&identity.attributes, "identity"));
        }
        if let Some(command) = command {
            self.text("On the command line:");
            self.code(&command, "shell");
        }
        self.file(&folder.join("import.md"))
    }

    fn code(&mut self, code: &str, language: &str) {
        self.text(&format!("```{language}\n{}\n```", code.trim_end()));
    }

    fn finish(self) -> String {
        self.text
    }
}
