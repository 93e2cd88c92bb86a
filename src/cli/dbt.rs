//! `merit dbt MODEL -o FOLDER`: the model as a package for dbt.

use std::fs;
use std::io;
use std::path::Path;

use super::input::open_version;
use super::sql::{Tables, refused};
use super::{Ending, Talk, name};
use crate::dbt::{Package, Wanted, package};
use crate::diagnostic::Diagnostic;
use crate::messages::{data, sql as say};
use crate::output::{Inputs, write_whole};
use crate::paths::path_of;
use crate::sql::Unsaid;
use crate::time;

/// Options of `merit dbt`.
#[derive(clap::Args)]
pub struct Args {
    /// The rule file
    #[arg(value_name = "MODEL", value_hint = clap::ValueHint::FilePath, value_parser = name())]
    model: String,
    /// The folder of the package, which is made
    #[arg(short, long, value_name = "FOLDER", value_hint = clap::ValueHint::DirPath, value_parser = name())]
    output: String,
    /// What the package and its table are called: small letters, digits and `_`
    #[arg(long, value_name = "NAME", default_value = "lead_scores")]
    name: String,
    #[command(flatten)]
    tables: Tables,
    /// Write over the files of a package that is there
    #[arg(long)]
    overwrite: bool,
}

/// # Errors
/// Never; messages go to standard error.
pub fn run(args: &Args, talk: &Talk) -> io::Result<Ending> {
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '_';
    if !args.name.starts_with(is_letter) || !args.name.chars().all(|c| is_letter(c) || c.is_ascii_digit()) {
        talk.say(&say::bad_package_name(&args.name));
        return Ok(Ending::CouldNotRun);
    }
    let version = match open_version(&args.model, None, talk, true) {
        Ok(version) => version,
        Err(ending) => return Ok(ending),
    };
    let model = &version.model;
    let inputs = Inputs::none().and_rules(&args.model).and_used(model);
    let (schema, inputs) = match args.tables.schema(model, None, inputs, talk) {
        Ok(found) => found,
        Err(ending) => return Ok(ending),
    };
    let book_as_of = model.as_of(time::now().into());
    let wanted = Wanted { name: &args.name, schema: &schema, columns: args.tables.columns(), book_as_of };
    let package = match package(model, &wanted) {
        Ok(package) => package,
        Err(problem) => return Ok(refused(&problem, model, "dbt", talk)),
    };
    match write(&package, args, &inputs) {
        Ok(()) => {}
        Err(problem) => {
            talk.say(&problem);
            return Ok(Ending::CouldNotRun);
        }
    }
    let told = |part: &Unsaid| say::adapters_left_out(part.refused.span, &part.refused.what, &part.engines());
    let told: Vec<_> = package.unsaid.iter().map(told).collect();
    talk.say_about(&model.sources, &told);
    talk.line(&format!("Next: read {}/README.md, then dbt build --select {}", args.output, args.name));
    Ok(Ending::Done)
}

/// Writes the files, all of them or, where the folder is not there yet, none.
fn write(package: &Package, args: &Args, inputs: &Inputs) -> Result<(), Diagnostic> {
    let folder = path_of(&args.output);
    let is_free = match fs::read_dir(&folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(data::cannot_write(&args.output, &data::reason(&error))),
    };
    let is_ours = folder.join("dbt_project.yml").exists();
    let may_write = is_free || args.overwrite && is_ours;
    if !may_write {
        return Err(if is_ours { say::package_is_there(&args.output) } else { say::folder_is_not_ours(&args.output) });
    }
    if !is_free {
        return package.files.iter().try_for_each(|(path, text)| {
            let path = format!("{}/{path}", args.output);
            if let Some(parent) = path_of(&path).parent() {
                fs::create_dir_all(parent).map_err(|error| data::cannot_write(&path, &data::reason(&error)))?;
            }
            write_whole(&path, text, inputs)
        });
    }
    let problem = |error: &io::Error| data::cannot_write(&args.output, &data::reason(error));
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = tempfile::Builder::new().prefix(".merit-dbt-").tempdir_in(parent).map_err(|e| problem(&e))?;
    let new = made.path().join("package");
    for (path, text) in &package.files {
        let path = new.join(path);
        let parent = path.parent().unwrap_or(&new);
        fs::create_dir_all(parent).and_then(|()| fs::write(&path, text)).map_err(|e| problem(&e))?;
    }
    // An empty folder gives way.
    let _ = fs::remove_dir(&folder);
    fs::rename(&new, &folder).map_err(|e| problem(&e))
}
