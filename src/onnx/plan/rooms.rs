//! Which values share memory: those that are never there at the same time.

use super::{Operand, Plan, Step};

/// Buffers that values have room in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rooms {
    /// Elements of each buffer.
    pub lens: Vec<usize>,
    /// The buffer of each value; none for values that are not used.
    pub of: Vec<Option<usize>>,
}

impl Rooms {
    /// For a plan. What goes in, what comes out and what is computed once keeps its room
    /// for itself.
    pub fn of(plan: &Plan) -> Self {
        let count = plan.values.len();
        let mut last = vec![0; count];
        for (at, step) in plan.steps.iter().enumerate() {
            last[step.writes()] = at;
            for operand in step.reads() {
                if let Operand::Value(value) = operand {
                    last[value] = at;
                }
            }
        }
        let mut rooms = Self { lens: Vec::new(), of: vec![None; count] };
        let mut is_kept = vec![false; count];
        let ports = plan.inputs.iter().chain(&plan.outputs).map(|port| port.value);
        for value in ports.chain(plan.first.iter().map(Step::writes)) {
            is_kept[value] = true;
            if rooms.of[value].is_none() {
                rooms.of[value] = Some(rooms.lens.len());
                rooms.lens.push(plan.values[value]);
            }
        }
        let mut free: Vec<usize> = Vec::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let output = step.writes();
            if rooms.of[output].is_none() {
                let room = rooms.take(&mut free, plan.values[output]);
                rooms.of[output] = Some(room);
            }
            let mut over: Vec<usize> = step.reads().into_iter().filter_map(value).chain([output]).collect();
            over.sort_unstable();
            over.dedup();
            let over = over.into_iter().filter(|&value| last[value] == at && !is_kept[value]);
            free.extend(over.filter_map(|value| rooms.of[value]));
        }
        rooms
    }

    /// The free room that fits best; if none is large enough the largest one grows.
    fn take(&mut self, free: &mut Vec<usize>, len: usize) -> usize {
        let by_fit = |&room: &usize| (self.lens[room] < len, self.lens[room].abs_diff(len));
        let best = free.iter().enumerate().min_by_key(|(_, room)| by_fit(room)).map(|(at, _)| at);
        let room = match best {
            // Half empty ones would let small values hold large rooms.
            Some(at) if self.lens[free[at]] <= 2 * len.max(1 << 14) => free.swap_remove(at),
            _ => {
                self.lens.push(len);
                self.lens.len() - 1
            }
        };
        self.lens[room] = self.lens[room].max(len);
        room
    }
}

const fn value(operand: Operand) -> Option<usize> {
    match operand {
        Operand::Value(value) => Some(value),
        Operand::Weight(_) => None,
    }
}
