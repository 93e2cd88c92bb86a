//! Scores one lead, as a form that was just filled in would ask for it, and prints why.

use std::error::Error;

use merit::Rules;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/saas-product-led/model.merit");

const LEAD: &str = r#"{
    "lead_id": "P-900",
    "email": "ana@steelworks.example",
    "title": "VP of Engineering",
    "industry": "SaaS",
    "employees": 320,
    "events": [{ "type": "visited", "target": "/pricing", "at": "2025-09-28" }]
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}

fn answer() -> Result<String, Box<dyn Error>> {
    let rules = Rules::load(MODEL)?;
    let lead: serde_json::Value = serde_json::from_str(LEAD)?;
    let answer = rules.scorer("2025-09-30")?.score(&lead)?;
    let mut text = format!("{}: {}, could be {}\n", answer.lead_id, answer.stage, answer.could_be);
    for reason in &answer.reasons {
        text.push_str(&format!("  {reason}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn a_lead_is_scored_with_its_reasons() {
        let answer = super::answer().unwrap();
        let lines: Vec<&str> = answer.lines().collect();
        assert_eq!(
            lines,
            [
                "P-900: iql, could be iql",
                "  +15 Leads a department",
                "  +15 Our size of company",
                "  +10 Our industry",
                "  +15 Looked at prices",
            ]
        );
    }

    #[test]
    fn no_crate_of_a_terminal_is_needed() {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        let crates: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(crates.contains(&"merit") && crates.contains(&"pest"), "{tree}");
        for of_a_terminal in ["clap", "rustyline", "indicatif", "console", "crossterm", "terminal_size", "supports-color"] {
            assert!(!crates.contains(&of_a_terminal), "{of_a_terminal}");
        }
    }
}
