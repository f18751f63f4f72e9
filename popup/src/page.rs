//! The pages that there are, and the ways between them.

use brushaway::settings::Reading;
use brushaway_browser::platform;
use brushaway_ui::t;
use yew::prelude::*;

use crate::{
    notices::NoticesPage,
    panel::Panel,
    permissions::PermissionsPage,
    settings::{SettingsPage, SettingsPageProps},
    welcome::WelcomePage,
};

/// A page of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// Behind the toolbar button.
    Panel,
    /// What can be set.
    Settings,
    /// Sites that may be read from.
    Permissions,
    /// What is seen first.
    Welcome,
    /// Licences of what ships.
    Notices,
}

impl Page {
    const ALL: [Self; 5] = [Self::Panel, Self::Welcome, Self::Settings, Self::Permissions, Self::Notices];

    /// The file's name.
    const fn file(self) -> &'static str {
        match self {
            Self::Panel => "popup.html",
            Self::Settings => "settings.html",
            Self::Permissions => "permissions.html",
            Self::Welcome => "welcome.html",
            Self::Notices => "notices.html",
        }
    }

    fn title(self) -> String {
        match self {
            Self::Panel => t!("extension_name"),
            Self::Settings => t!("settings_title"),
            Self::Permissions => t!("permissions_title"),
            Self::Welcome => t!("welcome_title"),
            Self::Notices => t!("notices_title"),
        }
    }

    /// The page at a path of the package.
    pub(crate) fn at(path: &str) -> Self {
        let is_there = |page: &Self| path.rsplit('/').next() == Some(page.file());
        Self::ALL.into_iter().find(is_there).unwrap_or(Self::Panel)
    }
}

/// Shows a page.
pub(crate) fn show(page: Page, reading: Reading) {
    if let Err(error) = platform::set_title(&page.title()) {
        log::warn!("{error}");
    }
    match page {
        Page::Panel => drop(yew::Renderer::<Panel>::new().render()),
        Page::Permissions => drop(yew::Renderer::<PermissionsPage>::new().render()),
        Page::Welcome => drop(yew::Renderer::<WelcomePage>::new().render()),
        Page::Notices => drop(yew::Renderer::<NoticesPage>::new().render()),
        Page::Settings => drop(yew::Renderer::<SettingsPage>::with_props(SettingsPageProps { reading }).render()),
    }
}

/// The ways to the other pages, each in a tab of its own if they are not in one.
pub(crate) fn links(from: Page) -> Html {
    let others = Page::ALL.into_iter().filter(|page| *page != from && *page != Page::Panel);
    let target = (from == Page::Panel).then_some("_blank");
    let one = |page: Page| html! { <li><a href={page.file()} {target}>{ page.title() }</a></li> };
    html! {
        <nav class="links" aria-label={t!("pages_label")}><ul>{ for others.map(one) }</ul></nav>
    }
}

/// What all pages but the panel have around them.
pub(crate) fn framed(page: Page, children: Html) -> Html {
    html! {
        <div class="page">
            <header class="page-header">
                <img src="../icons/icon-48.png" alt="" width="32" height="32" />
                <h1>{ page.title() }</h1>
                { links(page) }
            </header>
            <main>{ children }</main>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_where_it_is() {
        for page in Page::ALL {
            assert_eq!(Page::at(&format!("popup/{}", page.file())), page);
        }
        assert_eq!(Page::at("popup/other.html"), Page::Panel);
    }
}
