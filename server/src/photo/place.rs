//! Where photos are kept instead of the data directory.

use std::fmt;
use std::str::FromStr;

use object_store::path::Path;

/// A bucket of an S3-compatible store, and where in it: `s3://BUCKET` or `s3://BUCKET/PREFIX`. How to reach it and who we
/// are comes from the environment (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` …), so that no secret is ever part of
/// this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhotosUrl {
    pub(super) bucket: String,
    pub(super) prefix: Path,
}

/// The text is not such a place. It is not repeated: somebody may have put a secret into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give the place of the photos as s3://BUCKET or s3://BUCKET/PREFIX; how to reach it and the credentials come from the \
     environment: AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY"
)]
pub struct NotAPhotosUrl;

impl FromStr for PhotosUrl {
    type Err = NotAPhotosUrl;

    fn from_str(text: &str) -> Result<Self, NotAPhotosUrl> {
        let rest = text.strip_prefix("s3://").ok_or(NotAPhotosUrl)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let plain = |text: &str, more: &[u8]| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || more.contains(&byte))
        };
        if !(3..=63).contains(&bucket.len()) || !plain(bucket, b"") || !plain(prefix, b"/") {
            return Err(NotAPhotosUrl);
        }
        let prefix = Path::parse(prefix.trim_end_matches('/')).map_err(|_| NotAPhotosUrl)?;
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

impl fmt::Display for PhotosUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if self.prefix.is_root() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_be_shared_with_others_by_a_prefix() {
        for (text, said) in [
            ("s3://waypost", "s3://waypost"),
            ("s3://waypost/", "s3://waypost"),
            ("s3://way.post-1/gongshu/photos/", "s3://way.post-1/gongshu/photos"),
            ("s3://waypost/.tmpXy_9", "s3://waypost/.tmpXy_9"),
        ] {
            assert_eq!(text.parse::<PhotosUrl>().unwrap().to_string(), said);
        }
    }

    #[test]
    fn what_is_no_bucket_is_refused_without_repeating_it() {
        for text in [
            "",
            "waypost",
            "s3://",
            "s3://ab",
            "s3:///photos",
            "https://waypost.s3.amazonaws.com",
            "file:///var/photos",
            "s3://key:secret@waypost",
            "s3://waypost?secret=1",
            "s3://waypost/a//b",
            "s3://waypost/../other",
            "s3://waypost/a b",
        ] {
            let refused = text.parse::<PhotosUrl>().expect_err(text);
            assert!(!refused.to_string().contains("secret="), "{refused}");
        }
    }
}
