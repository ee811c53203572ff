//! The sample data sets, embedded in the program and loaded once into a new catalogue.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use serde::Deserialize;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::data_set::{self, Origin};
use crate::draft;
use crate::error::Error;
use crate::import::{Importer, Options};
use crate::store;

#[derive(RustEmbed)]
#[folder = "../../samples"]
struct Files;

#[derive(Debug, Deserialize)]
struct Manifest {
    sample: Vec<Sample>,
}

/// One sample; the manifest says more for people.
#[derive(Debug, Deserialize)]
struct Sample {
    number: i64,
    file: String,
    name: String,
    description: String,
    target: String,
    source: String,
    /// By column.
    units: BTreeMap<String, String>,
}

/// Loads the samples that this database never had. One that its user has deleted stays away.
pub(crate) async fn load(catalogue: &Catalogue) -> Result<(), Error> {
    for sample in manifest()?.sample {
        if !store::is_sample_loaded(&catalogue.db, &sample.file).await? {
            load_one(catalogue, sample).await?;
        }
    }
    Ok(())
}

async fn load_one(catalogue: &Catalogue, sample: Sample) -> Result<(), Error> {
    let file = embedded(&sample.file)?;
    let options = Options { target: Some(sample.target), ..Options::default() };
    let mut importer = Importer::new(options, catalogue.config.limits());
    importer.push(&file)?;
    let mut table = importer.finish()?;
    for column in &mut table.columns {
        column.profile.unit = sample.units.get(&column.profile.name).cloned();
    }
    let id = Uuid::now_v7();
    let draft = draft::write(catalogue, id, table).await?;
    let mut tx = catalogue.db.begin().await?;
    let marked = store::mark_sample_loaded(&mut tx, &sample.file, id, catalogue.clock.now_us()).await;
    match marked {
        // Another process was first; its draft counts.
        Err(error) if error.is_unique_violation() => return Ok(()),
        other => other?,
    }
    let origin = Origin {
        id,
        number: Some(sample.number),
        name: Some(sample.name),
        description: Some(sample.description),
        source: Some(sample.source),
    };
    data_set::publish_first(catalogue, &mut tx, origin, draft).await?;
    Ok(tx.commit().await?)
}

fn manifest() -> Result<Manifest, Error> {
    let bytes = embedded("manifest.toml")?;
    let text = std::str::from_utf8(&bytes).map_err(|e| Error::Damaged(e.to_string()))?;
    toml::from_str(text).map_err(|e| Error::Damaged(format!("samples/manifest.toml: {e}")))
}

fn embedded(path: &str) -> Result<Vec<u8>, Error> {
    let file = Files::get(path).ok_or_else(|| Error::Damaged(format!("the sample {path} is missing")))?;
    Ok(file.data.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Blocks, Limits};

    #[test]
    fn every_sample_is_read_without_a_complaint() {
        for sample in manifest().unwrap().sample {
            let options = Options { target: Some(sample.target), ..Options::default() };
            let mut importer = Importer::new(options, Limits::default());
            importer.push(&embedded(&sample.file).unwrap()).unwrap();
            let table = importer.finish().unwrap();
            let warnings: Vec<_> =
                table.findings.iter().filter(|f| f.severity > contracts::finding::Severity::Info).collect();
            assert!(warnings.is_empty(), "{}: {warnings:?}", sample.file);
        }
    }

    /// The exercise gives the first points of function 1 with 15 digits.
    #[test]
    fn the_linear_function_has_its_published_points() {
        let mut importer = Importer::new(Options::default(), Limits::default());
        importer.push(&embedded("exercise/1.csv").unwrap()).unwrap();
        let table = importer.finish().unwrap();
        assert_eq!(table.rows, 1000);
        let first = |place: usize| match &table.columns[place].blocks {
            Blocks::Numbers(blocks) => blocks[0][..3].to_vec(),
            Blocks::Texts { .. } => panic!("numbers were expected"),
        };
        for (found, printed) in first(0).iter().zip([-5.0, -4.984_984_984_984_99, -4.969_969_969_969_97]) {
            assert!((found - printed).abs() < 1e-14, "{found} {printed}");
        }
        for (found, printed) in first(1).iter().zip([-11.0, -10.954_954_954_955, -10.909_909_909_909_9]) {
            assert!((found - printed).abs() < 1e-13, "{found} {printed}");
        }
    }
}
