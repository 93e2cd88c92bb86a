//! The `merit` program.

fn main() -> std::process::ExitCode {
    merit::cli::main()
}
