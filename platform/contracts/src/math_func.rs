//! The gRPC contract `MathFunc`, generated from `proto/math_func.proto`.
#![expect(missing_docs, clippy::pedantic, unused_qualifications, reason = "generated code")]

tonic::include_proto!("_");
