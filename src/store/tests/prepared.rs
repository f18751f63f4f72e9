use pollster::block_on;

use super::fakes::{KEY, Scene, model_bytes};
use crate::store::{Digest, Preparation, Prepared, PreparedWeights, StoredFile, check, find, forget};

const WAY: &str = "rows2-f32";

fn prepared(weights: PreparedWeights) -> Prepared {
    Prepared { graph: model_bytes(50), weights }
}

fn kept(scene: &Scene, way: &str, version: &str, prepared: &Prepared) -> Preparation {
    let stored = block_on(find(&scene.disk, KEY)).unwrap().unwrap();
    let preparation = Preparation::of(&stored, way, version);
    block_on(preparation.keep(prepared, &stored, &scene.disk)).unwrap();
    preparation
}

fn names(scene: &Scene) -> Vec<String> {
    scene.disk.names().into_iter().filter(|name| name.contains("prepared")).collect()
}

#[test]
fn what_was_prepared_is_found_by_file_way_and_version() {
    let scene = Scene::new(40, &[]);
    let stored = scene.arrives();
    for weights in [PreparedWeights::Inside, PreparedWeights::InFile, PreparedWeights::Following(7)] {
        let preparation = kept(&scene, WAY, "v1", &prepared(weights));
        assert_eq!(block_on(preparation.find(&scene.disk)).unwrap(), Some(prepared(weights)));
    }
    let another_file = StoredFile { sha256: Digest::of(b"another"), ..stored.clone() };
    for other in [
        Preparation::of(&stored, "rows1-f32", "v1"),
        Preparation::of(&stored, WAY, "v2"),
        Preparation::of(&another_file, WAY, "v1"),
    ] {
        assert_eq!(block_on(other.find(&scene.disk)).unwrap(), None, "{other:?}");
    }
}

#[test]
fn damage_is_noticed() {
    let scene = Scene::new(40, &[]);
    scene.arrives();
    let preparation = kept(&scene, WAY, "v1", &prepared(PreparedWeights::InFile));
    let key = format!("{}graph", preparation.own());
    let whole = scene.disk.blobs.borrow()[&key].clone();
    for at in [0, 63, 64, 65, 80, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        scene.disk.blobs.borrow_mut().insert(key.clone(), bytes);
        assert!(block_on(preparation.find(&scene.disk)).is_err(), "byte {at}");
    }
    for len in [0, 63, 64, 70, whole.len() - 1] {
        scene.disk.blobs.borrow_mut().insert(key.clone(), whole[..len].to_vec());
        assert!(block_on(preparation.find(&scene.disk)).is_err(), "{len} bytes");
    }
}

#[test]
fn what_is_stale_goes_and_what_is_for_another_way_stays() {
    let scene = Scene::new(40, &[]);
    scene.arrives();
    let weights = PreparedWeights::InFile;
    let old = kept(&scene, WAY, "v1", &prepared(weights));
    let other_way = kept(&scene, "rows1-f32", "v2", &prepared(weights));
    let own = kept(&scene, WAY, "v2", &prepared(weights));
    assert_eq!(names(&scene).len(), 3);
    block_on(own.forget(&scene.disk)).unwrap();
    assert_eq!(names(&scene).len(), 1);
    assert!(block_on(other_way.find(&scene.disk)).unwrap().is_some());
    assert!(block_on(old.find(&scene.disk)).unwrap().is_none());
}

#[test]
fn it_goes_with_the_file_and_when_that_is_checked_again() {
    let scene = Scene::new(40, &[]);
    scene.arrives();
    let weights = PreparedWeights::InFile;
    kept(&scene, WAY, "v1", &prepared(weights));
    block_on(check(KEY, &scene.disk, &scene.person)).unwrap();
    assert!(names(&scene).is_empty(), "what was made of a file before it was checked");
    let preparation = kept(&scene, WAY, "v1", &prepared(weights));
    let stored = block_on(find(&scene.disk, KEY)).unwrap().unwrap();
    block_on(forget(&scene.disk, KEY)).unwrap();
    assert!(scene.disk.names().is_empty());
    // The file went while it was being prepared.
    block_on(preparation.keep(&prepared(weights), &stored, &scene.disk)).unwrap();
    assert!(scene.disk.names().is_empty());
}
