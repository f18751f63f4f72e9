//! The changes, one a file.

pub(crate) mod attend_to_keys;
pub(crate) mod block_columns;
pub(crate) mod fix_extents;
pub(crate) mod fold_shapes;
pub(crate) mod merge_sigmoid;
pub(crate) mod shrink_upsampling;
pub(crate) mod summarise_keys;
