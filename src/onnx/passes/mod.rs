//! The changes, one a file.

pub(crate) mod fix_rows;
pub(crate) mod fold_shapes;
pub(crate) mod merge_sigmoid;
