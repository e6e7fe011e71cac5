//! Mutual TLS with the host.
//!
//! Each side makes a certificate for one run and hands it to the other through
//! the process's environment or its standard output. So there is no authority
//! to ask: the peer is right if it shows exactly that certificate and holds
//! its key. The host's certificate calls itself an authority and has a P-521
//! key, both of which the usual verifier refuses, hence the one here.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use p521::ecdsa::signature::Verifier;
use p521::ecdsa::{Signature, VerifyingKey};
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, PrivateKeyDer, PrivatePkcs8KeyDer,
    SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{NoServerSessionStorage, ParsedCertificate, ServerConfig};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as TlsError, SignatureScheme,
    version,
};
use thiserror::Error;

/// How far the host's clock may be behind (what go-plugin allows too).
const CLOCK_SLACK: Duration = Duration::from_secs(30);
/// How long the certificate is valid. A provider that is debugged may live for
/// long; the key never leaves the process.
const VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Why there can be no encrypted connection.
#[derive(Debug, Error)]
pub enum TlsSetupError {
    /// The host's certificate cannot be read.
    #[error(
        "PLUGIN_CLIENT_CERT does not hold exactly one PEM certificate ({0}); refusing to serve \
         without knowing the caller"
    )]
    ClientCertificate(String),
    /// The own certificate cannot be made.
    #[error("cannot make a certificate for this process: {0}")]
    OwnCertificate(#[from] rcgen::Error),
    /// The TLS library refuses the settings.
    #[error("cannot set up TLS: {0}")]
    Configuration(#[from] TlsError),
}

/// One process's side of mutual TLS.
pub(crate) struct Identity {
    /// The own certificate in DER, for the handshake line.
    pub(crate) certificate: CertificateDer<'static>,
    /// Settings that serve the one client with the known certificate.
    pub(crate) config: Arc<ServerConfig>,
}

/// Makes a certificate for this process and settings that accept only the
/// client with the certificate `client_pem`.
///
/// # Errors
/// When `client_pem` is not one certificate, or when making the own one fails.
pub(crate) fn identity(client_pem: &str) -> Result<Identity, TlsSetupError> {
    let client = parse_client_certificate(client_pem)?;
    let (certificate, key) = own_certificate()?;
    let provider = Arc::new(ring::default_provider());
    let verifier = PinnedClient::new(client, &provider);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(vec![certificate.clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // Every connection proves itself anew; there is one per process anyway.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Identity { certificate, config: Arc::new(config) })
}

fn parse_client_certificate(pem: &str) -> Result<CertificateDer<'static>, TlsSetupError> {
    let refuse = |why: String| TlsSetupError::ClientCertificate(why);
    let mut found = CertificateDer::pem_slice_iter(pem.as_bytes());
    let certificate = found
        .next()
        .ok_or_else(|| refuse("no certificate".to_owned()))?
        .map_err(|error| refuse(error.to_string()))?;
    if found.next().is_some() {
        return Err(refuse("more than one certificate".to_owned()));
    }
    ParsedCertificate::try_from(&certificate).map_err(|error| refuse(error.to_string()))?;
    Ok(certificate)
}

fn own_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), TlsSetupError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    let now = SystemTime::now();
    params.not_before = (now - CLOCK_SLACK).into();
    params.not_after = (now + VALIDITY).into();
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    Ok((certificate.der().clone(), key.into()))
}

// === PinnedClient ===

/// Accepts one client: the one with a certificate known beforehand.
#[derive(Debug)]
struct PinnedClient {
    certificate: CertificateDer<'static>,
    usual: WebPkiSupportedAlgorithms,
}

impl PinnedClient {
    fn new(certificate: CertificateDer<'static>, provider: &CryptoProvider) -> Self {
        Self { certificate, usual: provider.signature_verification_algorithms }
    }

    fn algorithms_for(&self, scheme: SignatureScheme) -> &WebPkiSupportedAlgorithms {
        if scheme == SignatureScheme::ECDSA_NISTP521_SHA512 { &P521_ONLY } else { &self.usual }
    }
}

impl ClientCertVerifier for PinnedClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        if *end_entity == self.certificate && intermediates.is_empty() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = self.algorithms_for(dss.scheme);
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let algorithms = self.algorithms_for(dss.scheme);
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = vec![SignatureScheme::ECDSA_NISTP521_SHA512];
        schemes.extend(self.usual.supported_schemes());
        schemes
    }
}

// === P-521 ===

static P521_ONLY: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[&EcdsaP521Sha512],
    mapping: &[(SignatureScheme::ECDSA_NISTP521_SHA512, &[&EcdsaP521Sha512])],
};

/// ECDSA on P-521 with SHA-512, which *ring* does not have.
#[derive(Debug)]
struct EcdsaP521Sha512;

impl SignatureVerificationAlgorithm for EcdsaP521Sha512 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(public_key).map_err(|_| InvalidSignature)?;
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P521
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(der: &[u8]) -> String {
        use base64::Engine;
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    }

    fn certificate() -> CertificateDer<'static> {
        own_certificate().unwrap().0
    }

    #[test]
    fn only_exactly_one_certificate_is_taken() {
        let one = pem(&certificate());
        assert!(identity(&one).is_ok());
        for wrong in ["", "nonsense", &pem(b"not a certificate"), &one.repeat(2)] {
            assert!(matches!(identity(wrong), Err(TlsSetupError::ClientCertificate(_))));
        }
    }

    #[test]
    fn any_other_certificate_and_any_chain_is_refused() {
        let known = certificate();
        let verifier = PinnedClient::new(known.clone(), &ring::default_provider());
        let now = UnixTime::now();
        assert!(verifier.verify_client_cert(&known, &[], now).is_ok());
        assert!(verifier.verify_client_cert(&certificate(), &[], now).is_err());
        assert!(verifier.verify_client_cert(&known, std::slice::from_ref(&known), now).is_err());
        assert!(verifier.client_auth_mandatory());
    }

    #[test]
    fn a_p521_signature_is_verified_and_a_changed_message_is_not() {
        use p521::ecdsa::SigningKey;
        use p521::ecdsa::signature::Signer;
        let key = SigningKey::from_slice(&[7; 66].map(|b| b & 1)).unwrap();
        let public = key.verifying_key().to_sec1_point(false);
        let signature: Signature = key.sign(b"message");
        let der = signature.to_der();
        let verify =
            |message| EcdsaP521Sha512.verify_signature(public.as_ref(), message, der.as_bytes());
        assert!(verify(b"message").is_ok());
        assert!(verify(b"massage").is_err());
        assert!(EcdsaP521Sha512.verify_signature(b"", b"message", b"").is_err());
    }
}
