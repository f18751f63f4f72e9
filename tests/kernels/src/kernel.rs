//! The text of each kernel.

use crate::problem::{Epilogue, Operator, Precision};
use crate::template::{TemplateError, expand};
use crate::tiles::Tiles;

/// Joined in this order after the lines that name the type of what is stored.
const OPERATOR: &str = include_str!("operator.wgsl");
const TILE: &str = include_str!("tile.wgsl");
const MATRIX: &str = include_str!("matrix.wgsl");

/// One kernel, as a card gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel {
    /// What it computes.
    pub operator: Operator,
    /// What values are stored as.
    pub precision: Precision,
    /// After the bias.
    pub epilogue: Epilogue,
    /// How it is cut up.
    pub tiles: Tiles,
}

impl Kernel {
    /// WGSL with the entry point `main`. Bindings of group 0: the shape, `[taps, channels, outputs]` weights, biases, input,
    /// residual, output.
    ///
    /// # Errors
    /// If the text names what its tiles don't.
    pub fn source(&self) -> Result<String, TemplateError> {
        let head = match self.precision {
            Precision::Single => "alias real = f32;\n",
            Precision::Half => "enable f16;\nalias real = f16;\n",
        };
        let (extensions, tile) = match self.tiles {
            Tiles::Matrix(_) => ("enable wgpu_cooperative_matrix;\n", MATRIX),
            Tiles::Product(_) | Tiles::Window(_) => ("", TILE),
        };
        let head = &format!("{extensions}{head}");
        let parts: &[&str] = match self.operator {
            Operator::Pointwise => &[head, OPERATOR, include_str!("pointwise.wgsl"), tile],
            Operator::Conv3x3 => &[head, OPERATOR, include_str!("conv3x3.wgsl"), tile],
            Operator::Position => &[head, OPERATOR, include_str!("../../../src/runtime/card/network/position.wgsl")],
        };
        let mut names = self.tiles.names();
        names.insert("SILU".to_owned(), u32::from(self.epilogue == Epilogue::Silu));
        names.insert("RESIDUAL".to_owned(), u32::from(self.epilogue == Epilogue::Residual));
        expand(&parts.join("\n"), &names)
    }
}

#[cfg(test)]
mod tests {
    use naga::back::spv;
    use naga::front::wgsl;
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    use super::*;

    fn check(kernel: Kernel) {
        let source = kernel.source().unwrap();
        let module = wgsl::parse_str(&source).unwrap_or_else(|e| panic!("{kernel:?}\n{}", e.emit_to_string(&source)));
        let capabilities = Capabilities::SHADER_FLOAT16 | Capabilities::SUBGROUP | Capabilities::COOPERATIVE_MATRIX;
        let found = Validator::new(ValidationFlags::all(), capabilities).validate(&module);
        let info = found.unwrap_or_else(|e| panic!("{kernel:?}\n{}", e.emit_to_string(&source)));
        let words = spv::write_vec(&module, &info, &spv::Options::default(), None);
        assert!(!words.unwrap().is_empty(), "{kernel:?}");
        let [entry] = module.entry_points.as_slice() else { panic!("{kernel:?} has not one entry point") };
        assert_eq!(entry.workgroup_size, [kernel.tiles.threads(), 1, 1], "{kernel:?}");
    }

    #[test]
    fn all_kernels_are_valid_with_all_tiles() {
        for operator in Operator::ALL {
            for &tiles in Tiles::candidates(operator) {
                for precision in Precision::ALL {
                    for epilogue in [Epilogue::Plain, Epilogue::Silu, Epilogue::Residual] {
                        check(Kernel { operator, precision, epilogue, tiles });
                    }
                }
            }
        }
    }

    #[test]
    fn kernels_for_matrix_units_are_valid() {
        for operator in Operator::ALL {
            for &tiles in Tiles::with_matrices(operator) {
                for epilogue in [Epilogue::Plain, Epilogue::Silu, Epilogue::Residual] {
                    check(Kernel { operator, precision: Precision::Half, epilogue, tiles });
                }
            }
        }
    }

    #[test]
    fn tiles_of_another_operator_are_refused() {
        let tiles = Tiles::candidates(Operator::Position)[0];
        let kernel =
            Kernel { operator: Operator::Pointwise, precision: Precision::Single, epilogue: Epilogue::Plain, tiles };
        assert!(matches!(kernel.source(), Err(TemplateError::Expression(_))));
    }
}
