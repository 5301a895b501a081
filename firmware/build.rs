//! Lays out the memory of the board that the variable `BOARD` names.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

/// A board as QEMU has it.
struct Board {
    name: &'static str,
    /// Where code, data and the stack go.
    flash: Option<(u32, u32)>,
    ram: (u32, u32),
    /// The other memory, for a second pool.
    second: (u32, u32),
    /// Nanoseconds of a tick of `SysTick`, in tenths.
    tick: u32,
}

const KIB: u32 = 1024;

/// The 16 KiB of `microbit` and the 64 KiB of `lm3s6965evb` are cut in two; `mps2-an386` has a second memory
/// chip. `virt` has one memory for everything.
const BOARDS: [Board; 4] = [
    Board {
        name: "microbit",
        flash: Some((0, 256 * KIB)),
        ram: (0x2000_0000, 13 * KIB),
        second: (0x2000_3400, 3 * KIB),
        tick: 625,
    },
    Board {
        name: "lm3s6965evb",
        flash: Some((0, 256 * KIB)),
        ram: (0x2000_0000, 56 * KIB),
        second: (0x2000_e000, 8 * KIB),
        tick: 800,
    },
    Board {
        name: "mps2-an386",
        flash: Some((0, 4096 * KIB)),
        ram: (0x2000_0000, 4096 * KIB),
        second: (0x2100_0000, 16384 * KIB),
        tick: 400,
    },
    Board {
        name: "virt",
        flash: None,
        ram: (0x8000_0000, 1024 * KIB),
        second: (0x8010_0000, 1024 * KIB),
        tick: 0,
    },
];

fn main() {
    println!("cargo:rerun-if-env-changed=BOARD");
    let name = env::var("BOARD").expect("BOARD names the board; use `cargo xtask firmware`");
    let board = BOARDS.iter().find(|board| board.name == name);
    let board = board.expect("BOARD is one of those in build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("memory.x"), script(board)).expect("OUT_DIR can be written to");
    println!("cargo:rustc-link-search={}", out.display());
    if board.flash.is_none() {
        println!("cargo:rustc-link-arg-bins=-Tmemory.x");
    }
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-env=TICK_TENTHS_NS={}", board.tick);
    println!("cargo:rustc-env=RAM_KIB={}", board.ram.1 / KIB);
}

/// The linker's script of the board's memory.
fn script(board: &Board) -> String {
    let region =
        |name, (origin, length)| format!("  {name} : ORIGIN = {origin:#x}, LENGTH = {length:#x}\n");
    let mut script = String::from("MEMORY {\n");
    if let Some(flash) = board.flash {
        script += &region("FLASH", flash);
    }
    script += &region("RAM", board.ram);
    script += &region("SECOND", board.second);
    script += "}\n";
    if board.flash.is_none() {
        for section in ["TEXT", "RODATA", "DATA", "BSS", "HEAP", "STACK"] {
            let line = writeln!(script, "REGION_ALIAS(\"REGION_{section}\", RAM);");
            line.expect("a string takes any text");
        }
    }
    script + "SECTIONS {\n  .second (NOLOAD) : { *(.second .second.*) } > SECOND\n} INSERT AFTER .bss;\n"
}
