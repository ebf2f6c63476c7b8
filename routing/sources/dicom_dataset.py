"""A pydicom Dataset in memory as the bytes it stands for, so that a dataset and a file of it are read the same way.

Elements that pydicom has not looked at yet go out as they came in. An element that cannot be written is left out; its
keyword is told, never its value. The dataset itself is not changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from routing.sources.dicom_charsets import quiet_pydicom
from routing.sources.dicom_elements import Form

if TYPE_CHECKING:
    from pydicom import Dataset

_META_GROUP: Final = 2
_CHARSET: Final = 0x00080005
_UTF8: Final = "ISO_IR 192"


def is_dataset(thing: Any) -> bool:
    """Whether *thing* is a pydicom Dataset; pydicom is not imported to find out."""
    return any(one.__module__ == "pydicom.dataset" and one.__name__ == "Dataset" for one in type(thing).__mro__)


def dataset_bytes(dataset: Dataset) -> tuple[bytes, Form, tuple[str, ...]]:
    """Return the encoded dataset without file meta, its form, and the keywords of elements that could not be written.

    Where text does not fit the dataset's own character set, or anything else fails, all is written anew as UTF-8.
    """
    from pydicom import config  # noqa: PLC0415 - a host without DICOM does not pay for it

    form = _form(dataset)
    tags = [tag for tag in sorted(dataset.keys()) if tag.group > _META_GROUP]
    with quiet_pydicom():
        config.settings.writing_validation_mode = config.RAISE  # else a letter that does not fit becomes a `?`
        try:
            return _as_it_is(dataset, tags, form), form, ()
        except Exception:  # noqa: BLE001, S110 - what a host put into a dataset may fail in any way
            pass
        config.settings.writing_validation_mode = config.IGNORE
        data, lost = _in_utf8(dataset, tags, form)
        return data, form, lost


def source_ae(dataset: Dataset) -> str:
    """Return the AE title that sent the dataset's file, ``""`` where nothing says so."""
    meta = getattr(dataset, "file_meta", None)
    return str(meta.get("SourceApplicationEntityTitle", "") or "") if meta is not None else ""


def _form(dataset: Dataset) -> Form:
    implicit, little = dataset.original_encoding
    if implicit is None or little is None:
        return Form(explicit=True, little=True)
    return Form(explicit=not implicit, little=little)


def _as_it_is(dataset: Dataset, tags: list[Any], form: Form) -> bytes:
    """Return the bytes of the elements; those that nobody has looked at yet as they were read."""
    from pydicom import Dataset as Empty  # noqa: PLC0415 - as above
    from pydicom.filewriter import write_dataset  # noqa: PLC0415 - as above

    part = Empty()
    part._dict = {tag: dataset.get_item(tag) for tag in tags}  # noqa: SLF001 - through the front they would be parsed
    implicit, little = dataset.original_encoding
    part.set_original_encoding(implicit, little, dataset.original_character_set)
    buffer = _buffer(form)
    write_dataset(buffer, part)
    return bytes(buffer.getvalue())


def _in_utf8(dataset: Dataset, tags: list[Any], form: Form) -> tuple[bytes, tuple[str, ...]]:
    """Return the bytes of the elements that can be written, each by itself, and the keywords of the others."""
    from pydicom import DataElement  # noqa: PLC0415 - as above
    from pydicom.filewriter import write_data_element  # noqa: PLC0415 - as above

    parts: list[bytes] = []
    lost: list[str] = []
    for tag in sorted({*tags, _CHARSET}):
        buffer = _buffer(form)
        try:
            element = DataElement(_CHARSET, "CS", _UTF8) if tag == _CHARSET else dataset[tag]
            write_data_element(buffer, element, [_UTF8])
        except Exception:  # noqa: BLE001 - as above
            lost.append(_keyword(tag))
        else:
            parts.append(buffer.getvalue())
    return b"".join(parts), tuple(lost)


def _buffer(form: Form) -> Any:
    from pydicom.filebase import DicomBytesIO  # noqa: PLC0415 - as above

    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = not form.explicit, form.little
    return buffer


def _keyword(tag: Any) -> str:
    from pydicom.datadict import keyword_for_tag  # noqa: PLC0415 - as above

    return keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"
