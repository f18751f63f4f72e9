//! Models beyond the built-in one, and what all of them made of the mask as it is now.

use brushaway::{
    models::ModelId,
    protocol::{Fault, JobId, JobReport, ModelReport, ModelState, ModelsReport},
    settings::{SEEDS, SeedMode, Settings},
};

/// As many results are offered; the engine keeps as many.
pub const MOST_CANDIDATES: usize = 12;

/// One result of the mask as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The job that made it.
    pub job: JobId,
    /// How it was made.
    pub report: JobReport,
    /// A small picture of it, as a `data:` URL.
    pub thumbnail: String,
}

/// Everything about improving.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Improving {
    /// All models, or why they are not known; nothing before the engine has said.
    pub shelf: Option<Result<ModelsReport, Fault>>,
    /// What the person set.
    pub settings: Settings,
    /// The panel with the models is open.
    pub is_open: bool,
    /// In their order.
    pub candidates: Vec<Candidate>,
    /// The one on the screen.
    pub shown: Option<JobId>,
}

impl Improving {
    /// The model that does the improving: the person's choice if it is here, else the first that is.
    pub fn model(&self) -> Option<&ModelReport> {
        self.settings.improver(self.shelf.as_ref()?.as_ref().ok()?)
    }

    /// The model that is on its way.
    pub fn coming(&self) -> Option<&ModelReport> {
        self.shelf
            .iter()
            .flatten()
            .flat_map(ModelsReport::big)
            .find(|model| matches!(model.state, ModelState::Coming(_)))
    }

    /// The seed of the next fill by `model`: each fill of one mask gets another. `chance` gives a number below its own.
    pub fn next_seed(&self, model: &ModelReport, chance: impl FnOnce(u32) -> u32) -> u32 {
        let used = self.candidates.iter().filter(|candidate| candidate.report.model == model.name);
        let next = used.filter_map(|candidate| candidate.report.seed).max().map(|seed| seed + 1);
        match self.settings.seed {
            SeedMode::From(first) => next.unwrap_or(first),
            SeedMode::Chance => chance(*SEEDS.end()),
        }
    }

    /// Whether another run would bring nothing new: the model knows no chance and has had its turn.
    pub fn is_exhausted(&self, model: &ModelReport) -> bool {
        !model.has_seeds && self.candidates.iter().any(|candidate| candidate.report.model == model.name)
    }

    /// The candidate on the screen.
    pub fn shown(&self) -> Option<&Candidate> {
        self.candidates.iter().find(|candidate| Some(candidate.job) == self.shown)
    }

    /// The model, if it is not the built-in one, that made the candidate on the screen.
    pub fn shown_model(&self) -> Option<ModelId> {
        let name = &self.shown()?.report.model;
        let models = self.shelf.as_ref()?.as_ref().ok()?;
        models.big().find(|model| model.name == *name).map(|model| model.id.clone())
    }

    /// A result is there and shows.
    pub fn offer(&mut self, candidate: Candidate) {
        if self.candidates.len() == MOST_CANDIDATES {
            self.candidates.remove(0);
        }
        self.shown = Some(candidate.job);
        self.candidates.push(candidate);
    }

    /// The mask is another one: nothing was made of it yet.
    pub fn forget(&mut self) {
        self.candidates.clear();
        self.shown = None;
    }
}

#[cfg(test)]
mod tests {
    use brushaway::models::Backend;

    use super::*;

    fn model(id: &str, state: ModelState) -> ModelReport {
        ModelReport {
            id: ModelId(id.to_owned()),
            name: id.to_uppercase(),
            licence: "MIT".to_owned(),
            host: None,
            len_bytes: 10,
            has_seeds: id == "b",
            needs_gpu: false,
            state,
        }
    }

    fn candidate(job: u32, model: &str, seed: Option<u32>) -> Candidate {
        let report = JobReport {
            model: model.to_owned(),
            seed,
            backend: Backend::WebGpu,
            parts: 1,
            stages: Vec::new(),
            total_millis: 1.0,
        };
        Candidate { job: JobId(job), report, thumbnail: String::new() }
    }

    fn improving() -> Improving {
        let models = vec![
            model("lite", ModelState::BuiltIn),
            model("a", ModelState::Installed),
            model("b", ModelState::Installed),
            model("c", ModelState::Absent),
        ];
        Improving { shelf: Some(Ok(ModelsReport { models, free_bytes: None })), ..Improving::default() }
    }

    #[test]
    fn the_choice_counts_while_it_is_here() {
        let mut improving = improving();
        let chosen = |improving: &Improving| improving.model().map(|model| model.id.0.clone());
        assert_eq!(chosen(&improving).as_deref(), Some("a"));
        improving.settings.model = Some(ModelId("b".to_owned()));
        assert_eq!(chosen(&improving).as_deref(), Some("b"));
        improving.settings.model = Some(ModelId("c".to_owned()));
        assert_eq!(chosen(&improving).as_deref(), Some("a"));
        improving.shelf = None;
        assert_eq!(chosen(&improving), None);
    }

    #[test]
    fn each_fill_gets_a_seed_of_its_own() {
        let mut improving = improving();
        let model = improving.shelf.as_ref().unwrap().as_ref().unwrap().models[2].clone();
        assert_eq!(improving.next_seed(&model, |_| 70), 1);
        improving.settings.seed = SeedMode::Chance;
        assert_eq!(improving.next_seed(&model, |_| 70), 70);
        improving.settings.seed = SeedMode::From(8);
        assert_eq!(improving.next_seed(&model, |_| 70), 8);
        improving.settings.seed = SeedMode::default();
        improving.offer(candidate(0, "LITE", None));
        improving.offer(candidate(1, "B", Some(1)));
        improving.offer(candidate(2, "B", Some(2)));
        assert_eq!((improving.next_seed(&model, |_| 70), improving.shown), (3, Some(JobId(2))));
        assert!(!improving.is_exhausted(&model));
        let first = improving.shelf.as_ref().unwrap().as_ref().unwrap().models[1].clone();
        improving.offer(candidate(3, "A", None));
        assert!(improving.is_exhausted(&first));
        improving.forget();
        assert_eq!((improving.next_seed(&model, |_| 70), improving.shown()), (1, None));
    }

    #[test]
    fn the_oldest_go_first() {
        let mut improving = improving();
        for job in 0..20 {
            improving.offer(candidate(job, "B", Some(job)));
        }
        assert_eq!((improving.candidates.len(), improving.candidates[0].job), (MOST_CANDIDATES, JobId(8)));
    }
}
