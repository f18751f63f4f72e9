//! Style sheets go into the pages that name them: a frame over a page is then painted without waiting for more files.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::package::Package;

const BEFORE: &str = "<link rel=\"stylesheet\" href=\"";
const AFTER: &str = "\" />";

/// Puts into every page of the package the style sheets that it links.
///
/// # Errors
/// If a page names one that is not in the package.
pub(crate) fn put_in(package: &mut Package) -> Result<()> {
    let is_page = |path: &&str| Path::new(path).extension().is_some_and(|ending| ending == "html");
    let pages: Vec<String> = package.files().map(|(path, _)| path).filter(is_page).map(str::to_owned).collect();
    for page in pages {
        let text = with_styles(package.text(&page)?, |link| package.text(&resolved(&page, link)))?;
        package.replace(&page, text);
    }
    Ok(())
}

/// The page with what `read` gives for each link.
fn with_styles<'a>(page: &str, read: impl Fn(&str) -> Result<&'a str>) -> Result<String> {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        let (link, after) = after.split_once(AFTER).context("a link to a style sheet has no end")?;
        out.extend([before, "<style>\n", read(link)?, "</style>"]);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The path in the package that `link` means in `page`.
fn resolved(page: &str, link: &str) -> String {
    let mut path = PathBuf::new();
    for part in Path::new(page).with_file_name(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(page: &str) -> Package {
        let mut package = Package::default();
        package.add("ui/all.css", "a{}\n").unwrap();
        package.add("overlay/own.css", "b{}\n").unwrap();
        package.add("overlay/page.html", page).unwrap();
        package
    }

    #[test]
    fn styles_stand_where_they_were_linked() {
        let mut package = package(
            "<head><link rel=\"stylesheet\" href=\"../ui/all.css\" />\n<link rel=\"stylesheet\" href=\"own.css\" /></head>",
        );
        put_in(&mut package).unwrap();
        let expected = "<head><style>\na{}\n</style>\n<style>\nb{}\n</style></head>";
        assert_eq!(package.text("overlay/page.html").unwrap(), expected);
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        assert!(put_in(&mut package("<link rel=\"stylesheet\" href=\"gone.css\" />")).is_err());
    }
}
