-- Answers that who asked has not read, and instances by their SOP Instance UID, whatever study they came in.

-- Who has not read the answer to an opinion: `unread_by` in the details, up to its first quotation mark, as `asked` is
-- found. Answered opinions are discharged, so that this is no matter of what is open.
CREATE INDEX item_unread ON item (substr(details, instr(details, '"unread_by":"') + 13,
    instr(substr(details, instr(details, '"unread_by":"') + 13), '"') - 1), id)
  WHERE instr(details, '"unread_by":"') > 0;
-- What stands behind the last slash of a DICOM input's id (study/series/instance).
CREATE INDEX inbox_instance ON inbox (replace(message_id, rtrim(message_id, replace(message_id, '/', '')), ''))
  WHERE kind = 'dicom';
