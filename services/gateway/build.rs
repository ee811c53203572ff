//! Makes sure that there is a page to embed: a plain notice, where the user interface has not been built.

use std::path::Path;

const NOTICE: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Quorate</title>\n\
    <h1>Quorate is running</h1>\n<p>This build has no user interface: it was made without Node. \
    The <a href=\"/apidocs/\">REST interface</a> is complete.</p></html>\n";

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    let page = folder.join("index.html");
    if !page.exists() {
        std::fs::create_dir_all(&folder).expect("the folder of the user interface can be made");
        std::fs::write(&page, NOTICE).expect("the notice page can be written");
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
}
