//! The command line: without a server, against one, and against what is none.

use std::io::Write as _;
use std::process::{Command, Stdio};

use stories::actions::{exact_line, noisy_line, upload, wait_for_state};
use stories::binary::quorate;
use stories::server::Server;
use stories::set_up::SetUp;
use stories::wait::until;

/// What a command said, and its exit code.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Said {
    run_with(arguments, "")
}

fn run_with(arguments: &[&str], input: &str) -> Said {
    let mut child = Command::new(quorate())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read closes its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn check_refusal(arguments: &[&str], input: &str, code: i32, part: &str) {
    let said = run_with(arguments, input);
    assert_eq!(said.code, code, "{arguments:?}: {}{}", said.out, said.err);
    assert!(said.err.contains(part), "{arguments:?}: {}", said.err);
    assert_eq!(said.out, "", "{arguments:?}");
}

#[test]
fn fit_reads_standard_input_and_prints_no_blanks_at_line_ends() {
    let said = run_with(&["fit", "-", "--time", "2"], &exact_line(30));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("y = 3*x + 4"), "{}", said.out);
    assert!(said.out.lines().all(|line| line == line.trim_end()), "{:?}", said.out);
    let widest =
        said.out.lines().filter(|line| !line.starts_with('─')).map(|line| line.chars().count()).max();
    let rule = said.out.lines().find(|line| line.starts_with('─')).unwrap();
    assert!(rule.chars().count() <= widest.unwrap());
}

/// y = 3·exp(-x/2) + 1, and what it is at 0.7.
fn decay() -> (String, f64) {
    let y = |x: f64| 3.0 * (-x / 2.0).exp() + 1.0;
    let rows = (0..25).map(|row| f64::from(row) / 4.0).map(|x| format!("{x},{:.17}\n", y(x)));
    (format!("x,y\n{}", rows.collect::<String>()), y(0.7))
}

/// What another program computes of the formula as it is printed in this form.
fn computed(form: &str, program: &str, text: impl Fn(&str) -> String) -> f64 {
    let said = run_with(&["fit", "-", "--time", "2", "--as", form], &decay().0);
    assert_eq!(said.code, 0, "{}", said.err);
    let flag = if program == "node" { "-e" } else { "-c" };
    let output = Command::new(program).args([flag, &text(said.out.trim())]).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    shown.trim().parse().unwrap_or_else(|_| panic!("{}: {shown}", said.out))
}

#[test]
fn the_formula_is_the_same_in_other_languages() {
    let wanted = decay().1;
    let python = computed("python", "python3", |text| format!("import math\nx = 0.7\nprint(repr({text}))"));
    let javascript = computed("javascript", "node", |text| format!("const x = 0.7; console.log({text})"));
    for found in [python, javascript] {
        assert!((found - wanted).abs() < 1e-9, "{found}, not {wanted}");
    }
    let forms = ["text", "latex", "mathml", "typst", "excel", "c", "rust", "json"];
    for form in forms {
        let said = run_with(&["fit", "-", "--time", "2", "--as", form], &decay().0);
        assert_eq!((said.code, said.out.lines().count()), (0, 1), "{form}: {}{}", said.out, said.err);
    }
    check_refusal(&["fit", "-", "--as", "python", "--json"], "", 2, "cannot be used with");
}

#[test]
fn fit_says_when_numbers_are_too_large_for_any_formula() {
    let table = "x,y\n1e300,1e305\n2e300,2e305\n3e300,4e305\n4e300,3e305\n5e300,5e305\n";
    let said = run_with(&["fit", "-", "--time", "1"], table);
    assert!(
        format!("{}{}", said.out, said.err).contains("too large to compute with"),
        "{}{}",
        said.out,
        said.err
    );
}

#[test]
fn fit_refuses_what_makes_no_sense() {
    let table = exact_line(20);
    for (arguments, part) in [
        (&["--inputs", "x,y", "--target", "y"][..], "'y' is what is to be explained"),
        (&["--inputs", "x,x"], "'x' is named twice"),
        (&["--target", "z"], "there is no column 'z'"),
        (&["--max-size", "0"], "0 is not in 1..=200"),
        (&["--threads", "0"], "0 is not in 1..=256"),
        (&["--threads", "100000"], "100000 is not in 1..=256"),
        (&["--evaluations", "0"], "0 is not in 1..="),
        (&["--time", "-1"], "--time"),
        (&["--ops", "add,plus"], "--ops: there is no operator 'plus'"),
    ] {
        let all: Vec<&str> = ["fit", "-"].into_iter().chain(arguments.iter().copied()).collect();
        check_refusal(&all, &table, 2, part);
    }
    check_refusal(&["fit", "no-such-file.csv"], "", 2, "no-such-file.csv: cannot open it");
    check_refusal(&["fit", "-"], "", 2, "the file is empty");
    let spoilt = "x,y\n1,2\n2,abc\n3,4\n";
    check_refusal(&["fit", "-"], spoilt, 2, "only 'x' holds numbers");
    check_refusal(&["fit", "-"], spoilt, 2, "row 3: The column holds 2 numbers, but also texts");
}

#[test]
fn fit_makes_a_linear_fit_of_any_method() {
    let plain = run_with(&["fit", "-", "--linear"], &exact_line(30));
    assert_eq!(plain.code, 0, "{}", plain.err);
    for part in ["y = 3*x + 4", "std. error", "95 % intervals", "straight line"] {
        assert!(plain.out.contains(part), "{part}: {}", plain.out);
    }
    let noisy = noisy_line(40).replace("1.5,", "1.5,9");
    let robust = run_with(&["fit", "-", "--linear", "--method", "bisquare"], &noisy);
    assert!(robust.out.contains("warning: row 16: This row lies far"), "{}", robust.out);
    let tested = run_with(&["fit", "-", "--linear", "--errors", "hc3"], &noisy);
    assert!(tested.out.contains("✗ The residuals are not normal"), "{}", tested.out);
    let json = run_with(&["fit", "-", "--linear", "--shape", "spline", "--json"], &noisy_line(60));
    let told: serde_json::Value = serde_json::from_str(json.out.lines().last().unwrap()).unwrap();
    assert!(told["checks"].as_array().is_some_and(|checks| !checks.is_empty()), "{told}");
    for (arguments, part) in [
        (&["--linear", "--errors", "clustered"][..], "--groups: errors 'clustered' and the column of groups"),
        (&["--linear", "--weights", "w"], "there is no column 'w'"),
        (&["--method", "huber"], "--linear"),
        (&["--linear", "--method", "guessing"], "trimmed-squares"),
    ] {
        let all: Vec<&str> = ["fit", "-"].into_iter().chain(arguments.iter().copied()).collect();
        check_refusal(&all, &noisy, 2, part);
    }
}

#[test]
fn fit_searches_within_the_rules_it_is_given() {
    let table = exact_line(25);
    let ruled = ["--time", "1", "--per-size", "2", "--rising", "x", "--max-nesting", "0", "--must-use", "x"];
    let said = run_with(&[&["fit", "-"], &ruled[..]].concat(), &table);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("y = 3*x + 4"), "{}", said.out);
    for (arguments, part) in [
        (&["--must-use", "z"][..], "'z'"),
        (&["--unit", "x=furlong"], "furlong"),
        (&["--unit", "x"], "COLUMN=UNIT"),
        (&["--per-size", "0"], "1..=20"),
        (&["--weights", "w"], "there is no column 'w'"),
    ] {
        let all: Vec<&str> = ["fit", "-"].into_iter().chain(arguments.iter().copied()).collect();
        check_refusal(&all, &table, 2, part);
    }
}

#[test]
fn fit_seeks_one_law_for_several_classes() {
    let row = |x: u32| format!("{x},north,{}\n{x},south,{}\n", 3 * x * x + 4, 5 * x * x + 4);
    let table = format!("x,site,y\n{}", (0..12).map(row).collect::<String>());
    let said = run_with(&["fit", "-", "--time", "2", "--group", "site"], &table);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in ["y = a*x^2 + 4", "north", "3*x^2 + 4", "south", "5*x^2 + 4"] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let row = |x: u32| format!("{x},{},{}\n", ["a", "b"][(x % 2) as usize], 3 * x + 7 * (x % 2) + 4);
    let texts = format!("x,site,y\n{}", (0..24).map(row).collect::<String>());
    let said = run_with(&["fit", "-", "--time", "2", "--inputs", "x,site"], &texts);
    assert!(said.out.contains("3*x + 7*`site=b` + 4"), "{} {}", said.out, said.err);
    for (arguments, part) in [
        (&["--group", "town"][..], "there is no column 'town'"),
        (&["--linear", "--ops", "add"], "--ops"),
        (&["--given", "a*x", "--group", "site"], "--group"),
    ] {
        let all: Vec<&str> = ["fit", "-"].into_iter().chain(arguments.iter().copied()).collect();
        check_refusal(&all, &table, 2, part);
    }
}

#[test]
fn fit_fills_a_template_and_fits_a_given_formula() {
    let table = exact_line(25);
    let said = run_with(&["fit", "-", "--time", "1", "--template", "a*x + b"], &table);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("y = 3*x + 4"), "{}", said.out);
    let said = run_with(&["fit", "-", "--given", "a*x + b", "--start", "a=1", "--start", "b=1"], &table);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("std. error"), "{}", said.out);
    for (arguments, part) in [
        (&["--template", "a*(x"][..], "character"),
        (&["--start", "a=1"], "--given"),
        (&["--given", "a*x", "--start", "a"], "NAME=VALUE"),
    ] {
        let all: Vec<&str> = ["fit", "-"].into_iter().chain(arguments.iter().copied()).collect();
        check_refusal(&all, &table, 2, part);
    }
}

#[test]
fn settings_are_checked_before_anything_is_opened() {
    for (arguments, part) in [
        (&["--listen", "foo"][..], "server.listen: 'foo' is no address; give host:port"),
        (&["--database", "mysql://x"], "database.url: expected sqlite:DIRECTORY or postgres://"),
        (&["--only", "nobody"], "there is no service 'nobody'"),
        (&["--set", "foo=1"], "unknown setting foo; known here: bus, catalogue"),
        (&["--set", "server.lissten=a:1"], "did you mean server.listen?"),
        (&["--set", "log.format=xml"], "log.format: 'xml' is none of text, json, auto"),
    ] {
        for command in [&["config", "check"][..], &["serve"]] {
            let all: Vec<&str> = command.iter().chain(arguments).copied().collect();
            check_refusal(&all, "", 2, part);
            assert!(!run(&all).err.contains(".rs"), "no place in the code is told");
        }
    }
    assert_eq!(run(&["config", "check", "--listen", "127.0.0.1:5999"]).code, 0);
    assert!(run(&["--help"]).out.contains("Exit codes: 0 done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn data_and_jobs_of_a_server() {
    let Some(server) = Server::start_bare(SetUp::Sqlite).await else { return };
    let client = server.client();
    let url = client.base().to_owned();
    let ask = |arguments: &[&str]| run(&[arguments, &["--url", &url]].concat());
    let imported =
        run_with(&["data", "import", "-", "--name", "A line", "--url", &url], "x,y\n1,2\n,4\n3,6\n");
    assert_eq!(imported.code, 0, "{}", imported.err);
    assert!(imported.out.contains("data set 1: 3 rows, columns x, y"), "{}", imported.out);
    assert!(imported.out.contains("row 3, column x: One value is missing."), "{}", imported.out);

    let list = ask(&["data", "list"]);
    assert!(list.out.contains("A line"), "{}", list.out);
    assert!(ask(&["data", "show", "1"]).out.contains("A line"));
    assert!(ask(&["data", "profile", "1"]).out.lines().any(|line| line.trim_start().starts_with("y ")));
    assert!(ask(&["data", "findings", "1"]).out.contains("row 3, column x: One value is missing."));
    assert!(ask(&["data", "export", "1"]).out.starts_with("x,y\r\n1,2\r\n"));
    assert!(ask(&["data", "formula", "1"]).out.contains("not searched for yet"));
    let gone = ask(&["data", "show", "10"]);
    assert_eq!((gone.code, gone.err.as_str()), (2, "error: there is no data set 10\n"));

    let set = upload(&client, "exact", &exact_line(30)).await;
    for list in ["fits", "searches"] {
        let order = serde_json::json!({"data_set_id": set["id"]});
        let ordered = client.post(&format!("/api/v1/{list}"), &order).await.expect_status(202).json();
        wait_for_state(&client, &format!("/api/v1/{list}/{}", ordered["id"].as_str().unwrap()), "done").await;
    }
    let found = ask(&["data", "formula", "2"]).out;
    assert!(found.contains("formula  y = 3*x + 4  (R² 1.000000, size 5, exact)"), "{found}");
    assert!(found.contains("line     y = 3*x + 4"), "{found}");
    until("both jobs are listed", async || {
        let said = ask(&["jobs", "list", "--state", "done"]);
        if said.out.matches("done").count() == 2 { Ok(()) } else { Err(said.out + &said.err) }
    })
    .await;
    assert_eq!(ask(&["jobs", "list", "--state", "finished"]).code, 2);
    assert_eq!(ask(&["data", "delete", "2"]).code, 0);

    let grpc = server.grpc_address("symbolic");
    for (url, code, part) in [
        (grpc.as_str(), 4, "is not Quorate's REST"),
        ("127.0.0.1:5000", 2, "write it as http://127.0.0.1:5000"),
        ("http://127.0.0.1:9", 4, "no server answers on http://127.0.0.1:9"),
    ] {
        check_refusal(&["data", "list", "--url", url], "", code, part);
    }
    let wrong = run_with(&["data", "import", "-", "--url", &url], "a,b\n\"1,2\n");
    assert_eq!((wrong.code, wrong.err.as_str()), (2, "error: the quotation mark in row 2 is never closed\n"));
}
