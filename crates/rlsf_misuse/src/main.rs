//! A program that misuses its heap once, and then goes on as if nothing had happened.
//!
//! `rlsf-misuse CASE` prints `begin`, commits the case's misuse, prints `done`, does the next operation, prints
//! `next`, uses the heap as programs do, and prints `end` if nothing has stopped it. Messages of the heap stand between these lines, so that a reader knows
//! when it noticed. `--control` is the same program without the misuse. `cargo xtask misuse` runs all cases.

mod case;
mod deed;
mod heap;
mod mark;
mod place;
mod scene;
mod table;

use std::process::ExitCode;
use std::thread;

use clap::Parser;

use case::{Case, Hands};
use heap::{Heap, Kind};
use mark::{end, mark};
use scene::Scene;

/// A case takes milliseconds; one that takes as many seconds hangs.
const SECONDS: u32 = 5;

/// What the command line says.
#[derive(Parser)]
#[command(
    name = "rlsf-misuse",
    about = "Misuses a heap once, and tells when it was noticed"
)]
struct Arguments {
    /// The case
    #[arg(required_unless_present = "list")]
    case: Option<String>,
    /// The heap: `c` is the process's `malloc`, the others are Rust's
    #[arg(long, value_enum, default_value = "c")]
    heap: Kind,
    /// Do the same without the misuse
    #[arg(long)]
    control: bool,
    /// Print the cases that the heap can run, a line each: the class, a tab, the name
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let kind = arguments.heap;
    let mut cases = table::cases().into_iter().filter(|case| kind.can_run(case));
    let Some(name) = arguments.case else {
        for case in cases {
            println!("{}\t{}", case.class.name(), case.name);
        }
        return ExitCode::SUCCESS;
    };
    let Some(case) = cases.find(|case| case.name == name) else {
        eprintln!("there is no such case for this heap; --list prints them");
        return ExitCode::FAILURE;
    };
    limit();
    run(kind.heap(), &case, arguments.control)
}

/// Leaves no core file, and does not hang.
fn limit() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: a limit that stands here.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    // SAFETY: its default action ends the process.
    unsafe { libc::alarm(SECONDS) };
}

/// Runs the case, and ends the process.
fn run(heap: &'static dyn Heap, case: &Case, honest: bool) -> ! {
    scene::warm_up(heap);
    let mut scene = Scene::set(heap, case);
    case.deed.prepare(&mut scene, honest);
    match case.hands {
        Hands::Own => act(&mut scene, case, honest),
        Hands::Other => thread::scope(|scope| {
            let scene = &mut scene;
            let acting = scope.spawn(move || act(scene, case, honest));
            if acting.join().is_err() {
                end(mark::Code::Broken);
            }
        }),
    }
    scene::warm_up(heap);
    mark("end");
    end(mark::Code::Done)
}

/// The misuse, and life after it.
fn act(scene: &mut Scene, case: &Case, honest: bool) {
    mark("begin");
    case.deed.commit(scene, honest);
    mark("done");
    scene.go_on(honest);
}
