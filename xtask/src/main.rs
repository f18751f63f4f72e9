//! Builds, checks and measures the extension. `cargo xtask help` tells what it can do.

mod apt;
mod archive;
mod bench;
mod budgets;
mod demo;
mod digest;
mod dist;
mod eval;
mod gates;
mod gpu;
mod harness;
mod icons;
mod manifest;
mod notices;
mod npm;
mod optimize;
mod package;
mod program;
mod programs;
mod python;
mod report;
mod scan;
mod snippets;
mod store;
mod styles;
mod tidy;
mod toolchain;
mod wasm;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use lexopt::{Arg, Parser, ValueExt as _};

use demo::Picture;
use dist::Care;
use eval::Evaluation;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask dist [--fast]     builds dist/extension/ and the archive beside it
cargo xtask demo [--fast] [--image FILE --mask FILE --out FILE]
                              builds, then erases something in a browser; pictures go to demo-output/
cargo xtask test              all gates, cheapest first; this is what CI runs
cargo xtask tidy              the gate for what compilers don't see
cargo xtask budgets           size and hosts of what is in dist/
cargo xtask store             what a store asks for beside the archive: texts and pictures, in dist/store/
cargo xtask bench             the engine alone, then the extension against Python
cargo xtask bench --gpu GRAPHS | --gpu-pack DIR
                              a big model on this machine's graphics card, from a folder with its graphs; or all that is
                              needed for that put into DIR, for a machine without network
cargo xtask eval [--folder DIR] [--out DIR] [--longer-side PIXELS]
                              fills of every engine here and of public methods, measured and side by side
--fast leaves out wasm-opt, the archive and the budgets";

/// What came after `cargo xtask`.
#[derive(Debug, Default)]
struct Request {
    command: Option<String>,
    care: Care,
    picture: Picture,
    evaluation: Evaluation,
    /// Graphs to be measured on the graphics card.
    gpu: Option<PathBuf>,
    /// Where to pack what is needed for that.
    gpu_pack: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // By hand, because `Result` as the answer of `main` would print a stack, where a sentence is what helps.
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let request = parse(Parser::from_env())?;
    let workspace = Workspace::find()?;
    match request.command.as_deref().unwrap_or("help") {
        "dist" => dist::dist(&workspace, request.care),
        "demo" => demo::demo(&workspace, &request.picture, request.care),
        "test" => gates::test(&workspace),
        "tidy" => tidy::tidy(&workspace),
        "budgets" => budgets::check(&workspace),
        "store" => store::store(&workspace),
        "bench" => match (&request.gpu, &request.gpu_pack) {
            (Some(graphs), _) => gpu::bench(&workspace, graphs),
            (None, Some(folder)) => gpu::pack(&workspace, folder),
            (None, None) => bench::bench(&workspace),
        },
        "eval" => eval::eval(&workspace, &request.evaluation),
        "help" => {
            report::say(HELP);
            Ok(())
        }
        other => bail!("there is no command {other:?}\n{HELP}"),
    }
}

fn parse(mut parser: Parser) -> Result<Request> {
    let mut request = Request::default();
    while let Some(arg) = parser.next()? {
        let command = request.command.as_deref();
        match arg {
            Arg::Value(word) if command.is_none() => request.command = Some(word.string()?),
            Arg::Long("fast") if matches!(command, Some("dist" | "demo")) => request.care = Care::Fast,
            Arg::Long("image") if command == Some("demo") => request.picture.image = Some(parser.value()?.into()),
            Arg::Long("mask") if command == Some("demo") => request.picture.mask = Some(parser.value()?.into()),
            Arg::Long("out") if command == Some("demo") => request.picture.out = Some(parser.value()?.into()),
            Arg::Long("gpu") if command == Some("bench") => request.gpu = Some(parser.value()?.into()),
            Arg::Long("gpu-pack") if command == Some("bench") => request.gpu_pack = Some(parser.value()?.into()),
            Arg::Long("folder") if command == Some("eval") => request.evaluation.folder = Some(parser.value()?.into()),
            Arg::Long("out") if command == Some("eval") => request.evaluation.out = Some(parser.value()?.into()),
            Arg::Long("longer-side") if command == Some("eval") => {
                request.evaluation.longer_side = Some(parser.value()?.parse()?);
            }
            Arg::Long("help") | Arg::Short('h') => request.command = Some("help".to_owned()),
            other => bail!("{}\n{HELP}", other.unexpected()),
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request> {
        parse(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn the_demo_takes_files() {
        let request = parsed("demo --image a.png --mask b.png --fast").unwrap();
        assert_eq!(request.picture.image, Some("a.png".into()));
        assert_eq!(request.care, Care::Fast);
        assert_eq!(request.picture.out, None);
    }

    #[test]
    fn an_option_of_another_command_is_refused() {
        assert!(parsed("test --fast").is_err());
        assert!(parsed("dist --image a.png").is_err());
        assert!(parsed("demo --folder photos").is_err());
    }

    #[test]
    fn an_evaluation_takes_a_folder() {
        let evaluation = parsed("eval --folder photos --longer-side 4000").unwrap().evaluation;
        assert_eq!((evaluation.folder, evaluation.longer_side), (Some("photos".into()), Some(4000)));
        assert!(parsed("eval --longer-side wide").is_err());
    }

    #[test]
    fn a_graphics_card_is_measured_here_or_elsewhere() {
        assert_eq!(parsed("bench --gpu graphs").unwrap().gpu, Some("graphs".into()));
        assert_eq!(parsed("bench --gpu-pack out").unwrap().gpu_pack, Some("out".into()));
        assert!(parsed("test --gpu graphs").is_err());
    }

    #[test]
    fn help_can_be_asked_for() {
        assert_eq!(parsed("").unwrap().command, None);
        assert_eq!(parsed("--help").unwrap().command.as_deref(), Some("help"));
    }
}
