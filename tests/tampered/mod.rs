//! Stand-ins for graphs, run with something done wrongly around them.

use std::{fs, path::Path};

use brushaway::{
    models::{Backend, InferError, Session, Tensor},
    runtime::ort::OrtSession,
};
use futures_util::future::LocalBoxFuture;

use crate::native_runtime;

/// A session, and what is done wrongly to what goes in and what comes out.
pub(crate) struct Tampered {
    session: OrtSession,
    pub(crate) inputs: fn(&mut Vec<Tensor>),
    pub(crate) outputs: fn(&mut Vec<Tensor>),
}

/// A session of the graph of this name in `tests/models`, around which all is right.
pub(crate) fn session(name: &str) -> Tampered {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let graph = fs::read(folder.join(name).with_extension("onnx")).unwrap();
    Tampered { session: native_runtime::session(&graph, 1), inputs: |_| (), outputs: |_| () }
}

impl Session for Tampered {
    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn run(&mut self, mut inputs: Vec<Tensor>) -> LocalBoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        (self.inputs)(&mut inputs);
        Box::pin(async move {
            let mut outputs = self.session.run(inputs).await?;
            (self.outputs)(&mut outputs);
            Ok(outputs)
        })
    }
}
