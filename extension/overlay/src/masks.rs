//! What can be done to the mask beyond marking: selecting objects, reshaping, files in and out.

use std::rc::Rc;

use brushaway::{
    geometry::Size,
    imaging::selection::{MAX_SIDE_PX, Seeds, Selector, include_shadow, reshape},
    mask::Mask,
    protocol::{self, Fault},
};
use brushaway_browser::{blobs::blob_of, bus, clock, error::JsError};
use brushaway_ui::t;
use web_sys::Blob;

use crate::{
    arrival::Arrival, controller::Controller, page, painting::MaskPicture, pen::Pointed, state::Action,
    surface::mask_file,
};

/// A change of the whole mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reshape {
    /// A little larger all around.
    Grow,
    /// A little smaller all around.
    Shrink,
    /// Without jags.
    Smooth,
    /// Without enclosed holes.
    FillHoles,
    /// With the shadow that lies beside it.
    Shadow,
    /// What was marked is not, and the other way round.
    Invert,
}

/// An object that is being pointed at, click by click.
#[derive(Debug)]
pub(crate) struct Selecting {
    /// In pixels of the picture.
    seeds: Seeds,
    /// The mask without the object.
    before: Mask,
    /// Of the painting with it: after another change the next click begins anew.
    revision: u32,
}

impl Controller {
    /// Marks the object that is pointed at.
    pub(crate) fn select(self: &Rc<Self>, pointed: Pointed) {
        self.spawn("select an object", async move |this| {
            let _turn = this.masking.lock().await;
            let painting = this.painting.borrow().clone();
            let earlier = this.selecting.take().filter(|earlier| earlier.revision == painting.revision());
            let is_more = pointed.is_more && earlier.is_some();
            let mut selecting = match earlier.filter(|_| is_more) {
                Some(earlier) => earlier,
                None => Selecting {
                    seeds: Seeds::default(),
                    before: this.surface.mask(&painting).map_err(bus::fault)?,
                    revision: painting.revision(),
                },
            };
            selecting.point(&pointed);
            let Some(mut mask) = this.object(&selecting.seeds)? else {
                this.tell(Action::Tell(t!("select_nothing")));
                return Ok(());
            };
            mask.unite(&selecting.before).map_err(Fault::bug)?;
            let picture = picture_of(&mask).await?;
            selecting.revision = painting.revision() + 1;
            this.selecting.replace(Some(selecting));
            this.tell(if is_more { Action::Refine(picture) } else { Action::Import(picture) });
            this.wait_for_change(painting.revision()).await;
            Ok(())
        });
    }

    /// The object, at the picture's own resolution; nothing if there is none.
    fn object(&self, seeds: &Seeds) -> Result<Option<Mask>, Fault> {
        let Some(full) = self.surface.size() else { return Ok(None) };
        let selector = self.selector()?;
        let Ok(small) = selector.select(&seeds.scaled(full, selector.size())) else { return Ok(None) };
        let Some(rect) = selector.wanted(&small, full) else { return Ok(None) };
        let part = self.surface.pixels(rect).map_err(bus::fault)?;
        selector.enlarge(&small, full, &part, rect).map(Some).map_err(Fault::bug)
    }

    /// What selects on this picture; looks at it once.
    fn selector(&self) -> Result<Rc<Selector>, Fault> {
        if let Some(selector) = &*self.selector.borrow() {
            return Ok(Rc::clone(selector));
        }
        let small = self.surface.reduced(MAX_SIDE_PX).map_err(bus::fault)?;
        let selector = Rc::new(Selector::new(&small).map_err(Fault::bug)?);
        self.selector.replace(Some(Rc::clone(&selector)));
        Ok(selector)
    }

    /// Changes the mask as a whole.
    pub(crate) fn reshape(self: &Rc<Self>, reshape: Reshape) {
        self.spawn("reshape the mask", async move |this| {
            let _turn = this.masking.lock().await;
            let painting = this.painting.borrow().clone();
            let mask = this.surface.mask(&painting).map_err(bus::fault)?;
            let changed = this.reshaped(&mask, reshape)?;
            if changed == mask {
                this.tell(Action::Tell(t!("reshape_nothing")));
                return Ok(());
            }
            this.tell(Action::Import(picture_of(&changed).await?));
            this.wait_for_change(painting.revision()).await;
            Ok(())
        });
    }

    /// Waits until the state has taken a change, so that the next one begins from there however fast the keys come.
    pub(crate) async fn wait_for_change(&self, revision: u32) {
        /// A render is due in the next frame.
        const TURNS: usize = 100;
        for _ in 0..TURNS {
            if self.painting.borrow().revision() != revision {
                return;
            }
            clock::sleep_millis(4).await;
        }
    }

    fn reshaped(&self, mask: &Mask, change: Reshape) -> Result<Mask, Fault> {
        let step_px = step_px(mask.size());
        Ok(match change {
            Reshape::Grow => reshape::grow(mask, step_px),
            Reshape::Shrink => reshape::shrink(mask, step_px),
            Reshape::Smooth => reshape::smooth(mask, step_px),
            Reshape::FillHoles => reshape::fill_holes(mask, mask.size().area()),
            Reshape::Invert => reshape::invert(mask),
            Reshape::Shadow => {
                let full = self.surface.pixels(mask.size().bounds()).map_err(bus::fault)?;
                include_shadow(mask, &full).map_err(Fault::bug)?
            }
        })
    }

    /// Takes a mask file in place of what is painted.
    pub(crate) fn import_mask(self: &Rc<Self>, file: Blob) {
        self.spawn("import a mask", async move |this| {
            let failed = |error| Fault::new("fault_not_image", protocol::Action::Adjust, error);
            let picture = opened(file).await.map_err(failed)?;
            let size = (picture.image.natural_width(), picture.image.natural_height());
            if this.surface.size().is_some_and(|own| size != own.into()) {
                return Err(Fault::new("fault_mask_size", protocol::Action::Adjust, format!("{size:?}")));
            }
            this.tell(Action::Import(Rc::new(picture)));
            Ok(())
        });
    }

    /// Takes back what is being marked: the hand meant to move the picture.
    pub(crate) fn drop_mark(&self) {
        if self.pen.drop(&self.surface) {
            self.show_marks();
        }
    }

    /// Saves the mask, white where something is to go.
    pub(crate) fn export_mask(self: &Rc<Self>) {
        self.spawn("export the mask", async move |this| {
            let _turn = this.masking.lock().await;
            let painting = this.painting.borrow().clone();
            let mask = this.surface.mask(&painting).map_err(bus::fault)?;
            let file = mask_file(&mask).await.map_err(bus::fault)?;
            let name = this.arrival.borrow().as_ref().map(Arrival::name).unwrap_or_default();
            let name = format!("{name}-mask.png");
            page::save(&file, &name).map_err(bus::fault)?;
            this.tell(Action::Tell(t!("saved", name)));
            Ok(())
        });
    }
}

impl Selecting {
    fn point(&mut self, pointed: &Pointed) {
        match (&pointed.points[..], pointed.is_not) {
            (points, true) => self.seeds.exclude.extend(points),
            (&[from, to], false) => self.seeds.within = Some([from, to]),
            (points, false) => self.seeds.include.extend(points),
        }
    }
}

/// How far a mask grows, shrinks or is smoothed at once: to be seen in a picture of any size.
fn step_px(size: Size) -> u32 {
    (size.longer_side() / 300).max(2)
}

async fn picture_of(mask: &Mask) -> Result<Rc<MaskPicture>, Fault> {
    let file = blob_of(&mask.to_bitmap(), "image/bmp").map_err(bus::fault)?;
    Ok(Rc::new(opened(file).await.map_err(bus::fault)?))
}

pub(crate) async fn opened(file: Blob) -> Result<MaskPicture, JsError> {
    let url = page::object_url(&file)?;
    let image = page::load_image(&url).await;
    page::release(&url);
    Ok(MaskPicture { file, image: image? })
}
