-- 1: a report was to show something else instead of it. Strangers never see it again, also once what was sent is forgotten.
ALTER TABLE photos ADD COLUMN replaced BIGINT NOT NULL DEFAULT 0;

UPDATE photos SET replaced = 1 WHERE EXISTS
    (SELECT 1 FROM original_photos AS sent WHERE sent.photo = photos.sha256 AND NOT EXISTS
        (SELECT 1 FROM report_photos AS shown WHERE shown.report = sent.report AND shown.photo = sent.photo));

-- What is not given to a unit is nobody's, whoever had it before.
DELETE FROM case_links WHERE report IN (SELECT id FROM reports WHERE state IN ('received', 'accepted', 'declined'));
UPDATE reports SET unit = NULL WHERE unit IS NOT NULL AND state IN ('received', 'accepted', 'declined');

-- When the secret was proposed that waits for its first code.
ALTER TABLE staff ADD COLUMN totp_pending_at_ms BIGINT NOT NULL DEFAULT 0;
