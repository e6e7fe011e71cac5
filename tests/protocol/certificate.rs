//! Certificates as go-plugin makes them for a host: self-signed, P-521, and
//! calling themselves an authority. Written byte by byte, because no crate in
//! use here makes P-521 certificates.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{Signature, SigningKey};
use p521::elliptic_curve::Generate;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, Signer};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

/// A host's certificate with its key.
#[derive(Debug)]
pub(super) struct HostCertificate {
    pub(super) der: CertificateDer<'static>,
    key: SigningKey,
}

impl HostCertificate {
    /// A new one. All of them have the same subject.
    pub(super) fn new() -> Self {
        let key = SigningKey::generate();
        let signed = to_be_signed(&key);
        let signature: Signature = key.sign(&signed);
        let der = sequence(&[signed, ecdsa_with_sha512(), bits(signature.to_der().as_bytes())]);
        Self { der: der.into(), key }
    }

    pub(super) fn pem(&self) -> String {
        let body = STANDARD.encode(&self.der);
        let lines: Vec<&str> =
            body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let body = lines.join("\n");
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    }

    /// What a TLS client shows and signs with.
    pub(super) fn resolver(&self) -> Arc<dyn ResolvesClientCert> {
        let key = Arc::new(Key(self.key.clone()));
        Arc::new(Always(Arc::new(CertifiedKey::new(vec![self.der.clone()], key))))
    }

    /// The same, with the key of another certificate: a thief who has seen the
    /// certificate but does not hold its key.
    pub(super) fn resolver_with_key_of(&self, other: &Self) -> Arc<dyn ResolvesClientCert> {
        let key = Arc::new(Key(other.key.clone()));
        Arc::new(Always(Arc::new(CertifiedKey::new(vec![self.der.clone()], key))))
    }
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesClientCert for Always {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // A Go client does the same: without a fitting scheme it shows nothing.
        schemes.contains(&SCHEME).then(|| Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP521_SHA512;

#[derive(Debug, Clone)]
struct Key(SigningKey);

impl rustls::sign::SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| Box::new(self.clone()) as _)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.0.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}

// === DER ===

fn to_be_signed(key: &SigningKey) -> Vec<u8> {
    let version = tagged(0xa0, &integer(2));
    let name = sequence(&[tagged(0x31, &sequence(&[oid(&[0x55, 4, 3]), utf8("localhost")]))]);
    let validity = sequence(&[time("20200101000000Z"), time("20991231235959Z")]);
    let extensions = tagged(
        0xa3,
        &sequence(&[
            // Basic constraints, critical: an authority.
            sequence(&[oid(&[0x55, 0x1d, 19]), truth(), octets(&sequence(&[truth()]))]),
            // Extended key usage: client and server.
            sequence(&[
                oid(&[0x55, 0x1d, 37]),
                octets(&sequence(&[
                    oid(&[0x2b, 6, 1, 5, 5, 7, 3, 2]),
                    oid(&[0x2b, 6, 1, 5, 5, 7, 3, 1]),
                ])),
            ]),
            // Subject alternative name.
            sequence(&[oid(&[0x55, 0x1d, 17]), octets(&sequence(&[tagged(0x82, b"localhost")]))]),
        ]),
    );
    let ec_public_key = oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
    let secp521r1 = oid(&[0x2b, 0x81, 4, 0, 35]);
    let point = key.verifying_key().to_sec1_point(false);
    let public_key = sequence(&[sequence(&[ec_public_key, secp521r1]), bits(point.as_ref())]);
    sequence(&[
        version,
        integer(1),
        ecdsa_with_sha512(),
        name.clone(),
        validity,
        name,
        public_key,
        extensions,
    ])
}

fn ecdsa_with_sha512() -> Vec<u8> {
    sequence(&[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4])])
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match length {
        0..0x80 => der.push(u8::try_from(length).unwrap()),
        0x80..0x100 => der.extend([0x81, u8::try_from(length).unwrap()]),
        _ => {
            der.push(0x82);
            der.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    der.extend(content);
    der
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tagged(0x30, &parts.concat())
}

fn integer(small: u8) -> Vec<u8> {
    tagged(2, &[small])
}

fn oid(encoded: &[u8]) -> Vec<u8> {
    tagged(6, encoded)
}

fn utf8(text: &str) -> Vec<u8> {
    tagged(0x0c, text.as_bytes())
}

fn time(generalized: &str) -> Vec<u8> {
    tagged(0x18, generalized.as_bytes())
}

fn truth() -> Vec<u8> {
    tagged(1, &[0xff])
}

fn octets(content: &[u8]) -> Vec<u8> {
    tagged(4, content)
}

fn bits(content: &[u8]) -> Vec<u8> {
    tagged(3, &[&[0], content].concat())
}

#[test]
fn the_certificate_is_what_go_plugin_would_make() {
    let host = HostCertificate::new();
    let (rest, parsed) = x509_parser::parse_x509_certificate(&host.der).unwrap();
    assert!(rest.is_empty());
    assert!(parsed.is_ca());
    assert!(parsed.validity().is_valid());
    let san = parsed.subject_alternative_name().unwrap().unwrap();
    assert_eq!(san.value.general_names.len(), 1);
}
