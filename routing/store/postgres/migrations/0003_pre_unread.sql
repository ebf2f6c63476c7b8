-- Answers that who asked has not read, and instances by their SOP Instance UID, whatever study they came in.

-- Who has not read the answer to an opinion: `unread_by` in the details, up to its first quotation mark.
CREATE INDEX item_unread ON item ((split_part(split_part(details, '"unread_by":"', 2), '"', 1)), id)
  WHERE strpos(details, '"unread_by":"') > 0;
-- What stands behind the last slash of a DICOM input's id (study/series/instance).
CREATE INDEX inbox_instance ON inbox (reverse(split_part(reverse(message_id), '/', 1))) WHERE kind = 'dicom';
