//! The kinds of jobs that this process knows, with what their work needs.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use super::ctx::{Ctx, Outcome};
use super::failure::JobError;
use super::kind::{Change, Job, Rules};
use super::row::Stored;
use crate::db::Tx;

type Work<'a, T> = Pin<Box<dyn Future<Output = Result<T, JobError>> + Send + 'a>>;

/// A kind with its type forgotten.
pub(super) trait Kind: Send + Sync {
    fn rules(&self) -> Rules;
    fn run(&self, stored: &Stored, ctx: Ctx) -> Result<Work<'static, Outcome>, JobError>;
    fn changed<'a>(
        &self,
        stored: &Stored,
        change: &'a Change,
        tx: &'a mut Tx,
    ) -> Result<Work<'a, ()>, JobError>;
}

struct Known<J: Job> {
    state: J::State,
    kind: PhantomData<fn() -> J>,
}

impl<J: Job> Known<J> {
    fn read(stored: &Stored) -> Result<J, JobError> {
        let wrong = |cause: String| {
            JobError::discard(format!("cannot read the arguments (version {}): {cause}", stored.args_version))
        };
        if stored.args_version == J::RULES.args_version {
            return serde_json::from_str(&stored.args).map_err(|e| wrong(e.to_string()));
        }
        let old = serde_json::from_str(&stored.args).map_err(|e| wrong(e.to_string()))?;
        let new = J::upcast(stored.args_version, old).map_err(wrong)?;
        serde_json::from_value(new).map_err(|e| wrong(e.to_string()))
    }
}

impl<J: Job> Kind for Known<J> {
    fn rules(&self) -> Rules {
        J::RULES
    }

    fn run(&self, stored: &Stored, ctx: Ctx) -> Result<Work<'static, Outcome>, JobError> {
        Ok(Box::pin(Self::read(stored)?.run(ctx, self.state.clone())))
    }

    fn changed<'a>(
        &self,
        stored: &Stored,
        change: &'a Change,
        tx: &'a mut Tx,
    ) -> Result<Work<'a, ()>, JobError> {
        Ok(Box::pin(Self::read(stored)?.changed(change, tx, self.state.clone())))
    }
}

/// All kinds of a service.
#[derive(Clone, Default)]
pub(super) struct Registry {
    kinds: BTreeMap<&'static str, Arc<dyn Kind>>,
}

impl Registry {
    pub(super) fn add<J: Job>(&mut self, state: J::State) {
        self.kinds.insert(J::KIND, Arc::new(Known::<J> { state, kind: PhantomData }));
    }

    pub(super) fn get(&self, kind: &str) -> Option<Arc<dyn Kind>> {
        self.kinds.get(kind).cloned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What a claim may take: `["fit:1", "fit:2"]`. Other kinds and newer versions are left for newer workers.
    pub(super) fn known(&self) -> String {
        let known: Vec<String> = self
            .kinds
            .iter()
            .flat_map(|(name, kind)| (1..=kind.rules().args_version).map(move |v| format!("{name}:{v}")))
            .collect();
        serde_json::Value::from(known).to_string()
    }
}
