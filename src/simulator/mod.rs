//! A local ModelArts over HTTP, written from the API reference alone.
