use proptest::prelude::*;

use super::*;
use crate::import::decode::decode;

fn rows(text: &str) -> Vec<(usize, Vec<(Column, String)>)> {
    let table = read(text).expect("a table");
    table.records.into_iter().map(|record| (record.row, record.cells.into_iter().collect())).collect()
}

fn cell(text: &str, row: usize, column: Column) -> String {
    let table = read(text).expect("a table");
    let record = table.records.into_iter().find(|record| record.row == row).expect("the row");
    record.cells.get(&column).expect("the cell").clone()
}

#[test]
fn the_separator_is_found_in_the_header_or_said_in_the_first_line() {
    let expected = vec![(2, vec![(Column::Name, "a,b".to_owned()), (Column::Lat, "30".to_owned())])];
    for text in [
        "name,lat\n\"a,b\",30\n",
        "name;lat\na,b;30\n",
        "name\tlat\na,b\t30\n",
        "名称;纬度\na,b;30\n",
        "sep=;\nname;lat\na,b;30\n",
        "\"sep=;\"\nname;lat\na,b;30",
        "sep=|\nname|lat\na,b|30\n",
    ] {
        assert_eq!(rows(text), expected, "{text}");
    }
}

#[test]
fn rows_are_counted_as_a_spreadsheet_shows_them() {
    let text = "name,access\n\"a\",\"first\nsecond\nthird\"\n\n,\nb,x\n\n\nc,y\n";
    let numbers: Vec<usize> = rows(text).into_iter().map(|(row, _)| row).collect();
    assert_eq!(numbers, [2, 5, 8], "an empty line is a row; a line feed in a cell is none");
    assert_eq!(cell(text, 2, Column::Access), "first\nsecond\nthird");
    assert_eq!(rows("sep=,\nname\na\n")[0].0, 2, "the line with the separator is not shown");
    assert_eq!(rows("\n\nname\na")[0].0, 4);
}

#[test]
fn cells_that_are_missing_at_the_end_are_empty_and_more_than_the_header_are_a_fault() {
    let table = read("name,lat,lng\na\nb,1,2,,\nc,1,2,3\n").expect("a table");
    let faults: Vec<bool> = table.records.iter().map(|record| record.fault.is_some()).collect();
    assert_eq!(faults, [false, false, true]);
    assert_eq!(table.records[0].cells[&Column::Lng], "");
}

#[test]
fn a_header_is_needed_and_each_column_once() {
    assert!(matches!(read("a,b\n1,2\n"), Err(FileError::NoColumns)));
    assert!(matches!(read("name,名称\na,b\n"), Err(FileError::SameColumn(..))));
    assert!(matches!(read("name,lat\n"), Err(FileError::Empty)));
    assert!(matches!(read(" \n"), Err(FileError::Empty)));
    assert!(matches!(read(&format!("name\n{}", "a\n".repeat(MAX_ROWS + 1))), Err(FileError::TooManyRows)));
}

#[test]
fn what_is_not_known_is_named() {
    let table = read("name,备注,\"Fax\nnumber\",,name_en\na,b,c,d,e\n").expect("a table");
    assert_eq!(table.ignored.into_iter().collect::<Vec<_>>(), ["Fax number", "备注"]);
    assert_eq!(table.records[0].cells.len(), 2);
}

#[test]
fn a_list_of_objects_has_the_same_columns() {
    let text = r#"[
        {"name": "甲", "lat": 30.3172, "phone": 57188888888, "facilities": ["water", "tea"], "hours": null,
         "entrance": [{"text": "左", "text_en": "left"}], "extra": {"a": 1}},
        "not a station",
        {"name": true},
        {"name": "甲", "名称": "乙"},
        {"facilities": [1]},
        {"name": ["a"]}
    ]"#;
    let table = read(text).expect("a table");
    assert_eq!(table.format, "JSON");
    let first = &table.records[0];
    assert_eq!(first.row, 1);
    for (column, cell) in [
        (Column::Lat, "30.3172"),
        (Column::Phone, "57188888888"),
        (Column::Facilities, "water\ntea"),
        (Column::Hours, ""),
        (Column::Entrance, r#"[{"text":"左","text_en":"left"}]"#),
    ] {
        assert_eq!(first.cells[&column], cell);
    }
    assert!(first.fault.is_none() && table.ignored.contains("extra"));
    assert!(table.records[1..].iter().all(|record| record.fault.is_some()), "{:?}", table.records);
}

#[test]
fn points_are_read_from_a_feature_collection() {
    let text = r#"{"type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [120.1386, 30.3172, 8]},
             "properties": {"name": "甲", "lat": 1}},
            {"type": "Feature", "geometry": {"type": "LineString", "coordinates": []}, "properties": {"name": "乙"}},
            {"type": "Feature", "geometry": null, "properties": null},
            7
        ]}"#;
    let table = read(text).expect("a table");
    assert_eq!(table.format, "GeoJSON");
    let first = &table.records[0];
    assert_eq!((first.cells[&Column::Lat].as_str(), first.cells[&Column::Lng].as_str()), ("30.3172", "120.1386"));
    assert!(table.ignored.contains("lat in properties"));
    for record in &table.records[1..] {
        assert_eq!(record.fault.as_ref().map(|fault| fault.at), Some(Spot::Geometry), "{record:?}");
    }
}

#[test]
fn other_documents_are_refused_in_words() {
    for (text, words) in [
        ("{\"type\": \"Feature\"}", "neither a list of stations"),
        ("{\"type\": \"FeatureCollection\"}", "list of features"),
        ("[{]", "not valid JSON"),
        (
            "{\"type\":\"FeatureCollection\",\"features\":[],\"crs\":{\"properties\":{\"name\":\"EPSG:3857\"}}}",
            "EPSG:3857",
        ),
    ] {
        let error = read(text).expect_err("refused").to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn a_quote_that_is_never_closed_is_refused_instead_of_swallowing_rows() {
    let head = "name,access,lat,lng\n";
    for (rows, row) in
        [("甲,随便进,30.3,120.1\n乙,\"5号楼,30.3,120.1\n丙,随便进,30.3,120.1\n", 3), ("甲,\"5号楼,30.3,120.1", 2)]
    {
        let refused = read(&format!("{head}{rows}")).map(|table| table.records.len());
        assert!(matches!(refused, Err(FileError::OpenQuote(at)) if at == row), "{refused:?}");
    }
    // A lone quote inside a cell is one, and lines within quotes are fine.
    let fine = "甲,5\" 宽,30.3,120.1\n乙,\"二楼\n左转\",30.3,120.1\n丙,随便进,30.3,120.1\n";
    assert_eq!(read(&format!("{head}{fine}")).map(|table| table.records.len()).ok(), Some(3));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok((text, _)) = decode(&bytes) {
            let _ = read(&text);
        }
    }

    #[test]
    fn what_a_writer_of_csv_quotes_is_read_back(
        rows in proptest::collection::vec(("[a-z,;\"\n\t ]{0,8}x", "[一二三，；“”\n]{0,5}x"), 1..6),
        separator in prop_oneof![Just(b','), Just(b';'), Just(b'\t')],
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(["name", "address"]).expect("written");
        for (name, address) in &rows {
            writer.write_record([name, address]).expect("written");
        }
        let text = String::from_utf8(writer.into_inner().expect("bytes")).expect("text");
        let table = read(&text).expect("a table");
        let got = table.records.iter().map(|record| (record.cells[&Column::Name].clone(), record.cells[&Column::Address].clone()));
        prop_assert_eq!(got.collect::<Vec<_>>(), rows.clone());
        prop_assert!(table.records.iter().enumerate().all(|(at, record)| record.row == at + 2 && record.fault.is_none()));
    }

    #[test]
    fn no_json_panics(text in r#"[\[{]("(name|lat|type|features|geometry|years|facilities)"[:,]|[\[\]{},:]|"FeatureCollection"|null|1){0,12}"#) {
        let _ = read(&text);
    }
}
