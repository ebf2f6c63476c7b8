"""A pydicom Dataset in memory as the bytes it stands for, so that a dataset and a file of it are read the same way.

Elements that pydicom has not looked at yet go out as they came in. An element that cannot be written is left out; its
keyword is told, never its value. The dataset itself is not changed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from routing.sources.dicom_charsets import quiet_pydicom
from routing.sources.dicom_elements import ITEM, LONG_VRS, SHORT_VRS, Form, Kept
from routing.sources.dicom_scan import MOST_KEPT, MOST_VALUE, PIXELS

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import RawDataElement

_META_GROUP: Final = 2
_LAST_META: Final = 0x0002FFFF
_LAST_KEPT_LENGTH: Final = 0x00060000
_LONGEST_SHORT: Final = 0xFFFE
_MOST_HEAD: Final = 12
_UNDEFINED: Final = 0xFFFFFFFF
_VRS: Final = {vr.decode(): vr for vr in SHORT_VRS | LONG_VRS}
_UNKNOWN: Final = Form(explicit=False, little=True)  # of what is inside an element of unknown VR
_FIRST_ITEM: Final = b"\xfe\xff\x00\xe0"
_BULK: Final = LONG_VRS - {b"SQ", b"UN"}  # whatever their size, they hold no elements
_CHARSET: Final = 0x00080005
_UTF8: Final = "ISO_IR 192"


def is_dataset(thing: Any) -> bool:
    """Whether *thing* is a pydicom Dataset; pydicom is not imported to find out."""
    kind: Any = type(thing)
    return _is_dataset_type(kind)


@lru_cache(maxsize=256)
def _is_dataset_type(kind: type) -> bool:
    return any(one.__module__ == "pydicom.dataset" and one.__name__ == "Dataset" for one in kind.__mro__)


def dataset_bytes(dataset: Dataset) -> tuple[bytes, Form, tuple[str, ...]]:
    """Return the encoded dataset without file meta, its form, and the keywords of elements that could not be written.

    Where text does not fit the dataset's own character set, or anything else fails, all is written anew as UTF-8.
    """
    from pydicom import config  # noqa: PLC0415 - a host without DICOM does not pay for it

    form, dataset = _form(dataset), _own(dataset)
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


def dataset_elements(dataset: Dataset) -> tuple[dict[int, Kept], Form] | None:
    """Return the elements that `dataset_bytes` would write and a scan keep; None where only those two can tell.

    That is so for what a host has put together or may have changed, and for what pydicom has left in the file.
    """
    from pydicom.dataelem import RawDataElement  # noqa: PLC0415 - a host without DICOM does not pay for it

    implicit, little = dataset.original_encoding
    if implicit is None or little is None:
        return None
    form = Form(explicit=not implicit, little=little)
    kept: dict[int, Kept] = {}
    total = 0
    for key, element in dataset._dict.items():  # noqa: SLF001 - through the front they would be parsed
        tag = int(key)  # a plain number is compared and found many times faster
        if element.__class__ is not RawDataElement or element[5:7] != (implicit, little):
            return None
        if tag <= _LAST_META or (tag & 0xFFFF == 0 and tag > _LAST_KEPT_LENGTH):
            continue  # file meta, and the length of a group, which nobody writes any more
        one = _kept(tag, element, form)
        if one is None:
            return None
        if len(one.value) <= MOST_VALUE and tag not in PIXELS:
            total += len(one.value) + _MOST_HEAD
            kept[tag] = one
    return (kept, form) if total <= MOST_KEPT else None


def _kept(tag: int, element: RawDataElement, form: Form) -> Kept | None:
    """Return an element as it would be written; None where it takes more than its bytes to tell."""
    _, said_vr, length, value, *_ = element
    if value is None and length == 0:
        value = b""
    vr = _VRS.get(said_vr or "") if form.explicit else None
    if value is None or (form.explicit and vr is None) or tag >= ITEM:
        return None
    is_pixels = tag in PIXELS
    if length == _UNDEFINED and not (is_pixels and form.little and value.startswith(_FIRST_ITEM)):
        return None
    if len(value) > _LONGEST_SHORT and not is_pixels and vr not in _BULK:
        return None
    return tuple.__new__(Kept, (vr, value, _UNKNOWN if vr == b"UN" else form))


def source_ae(dataset: Dataset) -> str:
    """Return the AE title that sent the dataset's file, ``""`` where nothing says so."""
    meta = getattr(dataset, "file_meta", None)
    return str(meta.get("SourceApplicationEntityTitle", "") or "") if meta is not None else ""


def _own(dataset: Dataset) -> Dataset:
    """Return a dataset that holds the same elements: what pydicom makes of one that is looked at, it keeps."""
    own = object.__new__(type(dataset))
    own.__dict__.update(dataset.__dict__)
    own.__dict__["_dict"] = dict(dataset.__dict__["_dict"])
    return own


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
