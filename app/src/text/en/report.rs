use crate::domain::case::Says;
use crate::domain::report::{Category, Fault, FieldFault, ReportState};
use crate::local::outbox::item::{Reason, RefusalKind};
use crate::text::{MineText, ReportText, SyncText};

pub(super) const REPORT: ReportText = ReportText {
    title: "Report a street defect",
    photos: "Photos",
    take: "Take a photo",
    choose: "From the gallery",
    photos_hint: |most| format!("One is enough, {most} at most. Location data hidden inside photos is removed."),
    preparing: "Preparing the photo …",
    photo_alt: |number| format!("Photo {number}"),
    photo_remove: |number| format!("Remove photo {number}"),
    photo_unreadable: |name| format!("“{name}” is not a picture this phone can open; it was not added."),
    photo_heic: |name| {
        format!(
            "“{name}” is a HEIC photo, which this browser cannot open; it was not added. Set the camera's format to “Most compatible” and take it again, or choose a screenshot of it."
        )
    },
    photo_lost: "The photo you just took did not come back. Please take it again; what you wrote is still here.",
    photo_not_drawn: "This photo could not be prepared, perhaps for lack of memory. Close some apps and try again.",
    photo_twice: "This photo is already here.",
    photo_many: |most| format!("{most} at most; the others were not added."),
    photo_no_room: "The phone is full, and this photo could not be kept. Your words are safe; make some room and take it again.",
    old_photo: "This photo was not taken just now: please say below where it was taken.",
    cover: "Cover faces",
    cover_title: "Cover faces and number plates",
    cover_hint: "What you paint over becomes a mosaic; the original never leaves this phone. If you cannot paint, cancel and remove or retake the photo.",
    cover_board: "The photo to paint on",
    cover_size: "Width of the brush",
    cover_small: "Small",
    cover_large: "Large",
    cover_undo: "Undo",
    cover_cancel: "Cancel",
    cover_done: "Done",
    same_question: "Already reported near here. Is it the same?",
    same_yes: "Same: follow it",
    same_no: "No, another",
    same_followed: "Following a known report",
    same_text: "Your photos and words go along, and you see its progress. Nothing more to fill in: just save.",
    same_save: "Save and follow",
    same_undo: "Not the same after all",
    about: |distance| format!("about {distance}"),
    park: "Only the photo now, the rest when parked",
    parked: "Kept as a draft. Finish it under “Mine” when you have parked.",
    category: "What kind",
    category_name: |category| match category {
        Category::Road => "Road surface",
        Category::Manhole => "Manhole cover",
        Category::Lighting => "Street light",
        Category::Flooding => "Standing water",
        Category::Obstruction => "Obstruction",
        Category::Sign => "Signs and markings",
        Category::Charging => "Charging point",
        Category::Rubbish => "Rubbish",
        Category::Tree => "Tree",
        Category::Other => "Something else",
    },
    place: "Where",
    locate: "Use my position",
    locating: "Finding your position …",
    located: |accuracy| format!("Position found, within about {accuracy} m"),
    chosen: "At the landmark chosen",
    moved: "Moved by hand",
    refused: "Position not allowed: choose the nearest landmark below.",
    unavailable: "No position to be had right now: choose the nearest landmark below.",
    near: "Nearest landmark or station",
    near_none: "Please choose",
    landmarks: "Landmarks",
    stations: "Stations",
    landmark: "Exact spot (optional)",
    landmark_hint: "For example: 20 m south of the bus stop, pavement side",
    plot: "Plot to adjust the position, north is up",
    plot_hint: "Drag the dot, or use the arrows, to where the defect is; 5 m a step.",
    plot_move: ["5 m north", "5 m east", "5 m south", "5 m west"],
    description: "One line (optional with a photo)",
    description_hint: "For example: the kerb is broken, invisible at night",
    emergency: "Somebody hurt, gas, a fallen wire? Call first",
    emergency_text: "A report is not an emergency call.",
    numbers: [("119", "Fire, gas leak"), ("120", "Ambulance"), ("110", "Police"), ("95598", "Fallen power line")],
    save: "Save",
    saving: "Saving …",
    fault: |fault| match (fault.field, fault.fault) {
        ("category", _) => "Please choose what kind it is.".to_owned(),
        ("description", Fault::Missing) => "Take a photo or write one line.".to_owned(),
        ("description" | "landmark", Fault::TooLong(most)) => format!("Too long: {most} characters at most."),
        ("lat" | "lng", _) => {
            "We do not know where it is: use your position, or choose the nearest landmark.".to_owned()
        }
        ("photos", Fault::TooMany(most)) => format!("{most} photos at most."),
        _ => generic_fault(fault),
    },
    faults: |count| match count {
        1 => "One thing is missing before this can be saved.".to_owned(),
        _ => format!("{count} things are missing before this can be saved."),
    },
    draft_kept: "Draft kept on this phone",
    not_kept: "This could not be kept on the phone. Please leave the page open and try again.",
    no_room: "The phone is full and this could not be kept. Leave the page open, make some room, and try again.",
    direct: "This browser keeps no data, so reporting offline is not possible; with a network, “Save” sends at once.",
    sent_before: |detail| format!("Not accepted last time: {detail}"),
    saved_here: "Saved on this phone",
    saved_text: "You may close the page or pocket the phone: it is sent by itself when there is a network.",
    delivered: |code| format!("Delivered · code {code}"),
    delivered_text: "Give this code when you ask about it.",
    another: "Report another",
    to_mine: "My reports",
    received_title: "Delivered",
    received_text: "Community workers will see this report. Note the code: you need it to ask about it.",
    received_unknown: "There is no code in this address.",
};

fn generic_fault(fault: &FieldFault) -> String {
    format!("Something is not right ({}); please check and try again.", fault.field)
}

pub(super) const MINE: MineText = MineText {
    title: "My reports",
    reading: "Reading what is on this phone …",
    plain: "Drafts and reports are kept on your phone and need JavaScript to be shown. Reporting itself does not.",
    empty: "No reports on this phone yet",
    empty_text: "A broken kerb, a loose manhole cover, a dark street light: one photo is enough, even without a network.",
    begin: "Report something",
    needs_you: "Needs you",
    drafts: "Drafts",
    waiting: "Waiting to be sent",
    received: "Delivered",
    untitled: "No kind chosen yet",
    go_on: "Go on",
    edit: "Edit",
    send_now: "Send now",
    send_again: "Send again as it is",
    delete: "Delete",
    delete_draft: "Delete this draft and its photos?",
    delete_unsent: "This has not arrived: it exists only on this phone. Deleted, it is gone.",
    delete_sending: "This may already have arrived. The server is asked to delete it first, then it goes from this phone.",
    delete_received: "This only takes it off this phone, where its progress can then no longer be followed.",
    forget: "Take off this phone",
    withdraw: "Take this report back",
    withdraw_question: "Its words and photos are deleted on the server and on this phone, and nobody will act on it.",
    withdraw_yes: "Take it back",
    merged: |code| format!("The same problem as {code}, handled together; this is its progress."),
    stays: "It cannot be taken back: it is public, or no longer this phone's. If a photo shows what it should not, please call \
             the community.",
    frozen: "It may have arrived already, so it can no longer be changed; once it has, it can be taken back.",
    delete_yes: "Delete it",
    delete_no: "Keep it",
    code: |code| format!("Code {code}"),
    history: "Progress",
    forgotten: "The server does not find this report, although it was sent again. Please call and give the code.",
    state: |state| match state {
        ReportState::Received => "Received",
        ReportState::Accepted => "Accepted",
        ReportState::Assigned => "Assigned",
        ReportState::InProgress => "In progress",
        ReportState::Fixed => "Repaired",
        ReportState::Confirmed => "Confirmed repaired",
        ReportState::Declined => "Not taken on",
        ReportState::Reopened => "Reopened",
    },
    fresh: "News",
    fixed_question: "It is said to be repaired. Have you seen it?",
    says: |says| match says {
        Says::Confirmed => "It is repaired",
        Says::NotFixed => "It is not repaired",
    },
    not_fixed_note: "What is not repaired? (may be left empty)",
    not_fixed_send: "Send: not repaired",
    not_fixed_back: "Back",
    said: |says| format!("Noted, sent as soon as there is a network: {says}."),
    said_refused: "It was not taken: the report has moved on, or its repair is more than 14 days ago. If something is still wrong, \
                   please call and give the code.",
    before: "Before",
    after: "Repaired",
    shown: "On the spot",
    said_of_stations: |count| format!("Not sent yet of what was said of stations: {count}."),
    export: "Export what is unsent",
    export_text: "One file, photos included: for a new phone, or for the community office.",
    exported: "Exported.",
    failed: |why| format!("That did not work: {why}"),
    import: "Import from a file",
    import_text: "New phone? Choose the file that the old one exported: it is sent from here, and only once.",
    imported: |taken| {
        let part = |count: usize, words: String| if count > 0 { words } else { String::new() };
        [
            format!("Taken over: {}.", taken.taken),
            part(taken.known, format!(" Here already: {}.", taken.known)),
            part(taken.strange, format!(" Could not be read and left out: {}. Keep the file.", taken.strange)),
        ]
        .concat()
    },
    not_ours: "This file was not made by Waypost; nothing was imported.",
    oldest: |age| {
        format!("The oldest has waited {age} and is still only on this phone. Please connect once, or export it first.")
    },
    storage: |used, quota| match quota {
        Some(quota) => format!("{used} used on this phone, of {quota} by the browser's word"),
        None => format!("{used} used on this phone"),
    },
    persisted: "The browser has promised not to clear it by itself.",
    not_persisted: "The browser may clear it when space runs short: send or export what is unsent soon.",
    unavailable: "This browser keeps no data, so there are no drafts or reports to show. Try another browser, or leave private mode.",
    photos: |count| match count {
        1 => "1 photo".to_owned(),
        _ => format!("{count} photos"),
    },
};

pub(super) const SYNC: SyncText = SyncText {
    queued: "Waiting to be sent",
    sending: "Sending …",
    withdrawing: "Being taken back",
    reason: |reason| match reason {
        Reason::NoAnswer => "No network, or too weak a signal",
        Reason::NotOurServer => "There is a network, but not our server: the Wi-Fi may want a sign-in first",
        Reason::ServerTrouble => "The server has trouble",
        Reason::Busy => "The server is busy and asks for patience",
        Reason::SignIn => "The server does not know this phone; everything is still here",
        Reason::ServerForgot => "The server went back to a backup and lost this one; it is being sent again",
        Reason::PhoneTrouble => "This phone could not read its own storage; it tries again",
        Reason::Other => "Cannot be sent at the moment",
    },
    next_try: |seconds| {
        if seconds < 60 {
            "next try within a minute".to_owned()
        } else {
            format!("next try in about {} min", (seconds + 30) / 60)
        }
    },
    refusal: |kind| match kind {
        RefusalKind::Conflict => {
            "The server has one under this number that says something else. “Edit” sends this as a new one."
        }
        RefusalKind::TooLarge => "A photo is larger than the server takes. “Edit” to replace it.",
        RefusalKind::BadPhoto => "The server cannot open one of the photos. “Edit” to replace it.",
        RefusalKind::Invalid => "Something needs to be changed.",
        RefusalKind::PhotoLost => {
            "A photo is no longer on this phone; the browser may have cleared it. “Edit” to take it again."
        }
        RefusalKind::SentElsewhere => {
            "This one has arrived, from another phone or from this one before it was cleared. Nothing more to do."
        }
        RefusalKind::TakenBack => "This one was taken back before. “Edit” sends it as a new one.",
        RefusalKind::Other => "The server did not accept it.",
    },
    server_says: |words| format!("The server's words: {words}"),
    storage_blocked: "This browser keeps no data: settings and stations are forgotten when the page closes.",
    no_room: "The phone is full, and nothing can be sent. Delete some photos or apps, then open this page again.",
    storage_full: "The phone is full: the newest stations could not be kept and last until the page closes.",
    district_too_large: "The district's data is larger than this phone keeps; the old one is still shown.",
    strange_rows: |count| {
        format!("{count} records on this phone were written by another version; this one leaves them alone.")
    },
};
