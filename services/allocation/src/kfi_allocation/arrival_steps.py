"""What the service does by itself with lists of arrivals: it reads them, imports them, and lets their files go."""

from datetime import timedelta

from kfi_allocation.use_cases.import_arrival_list import FILE_GOES, IMPORTING, forget_file, import_next_portion
from kfi_allocation.use_cases.read_arrival_list import read_next_list
from kfi_allocation.use_cases.receive_arrival_list import READING
from kfi_allocation.work import AllocationWork
from kfi_chassis.deadlines import Deadline
from kfi_chassis.worker import Worker


def declare_arrivals(worker: Worker) -> None:
    """Declare the steps."""
    worker.each(READING, every=timedelta(seconds=5))(read_next_list)
    worker.each(IMPORTING, every=timedelta(seconds=5))(import_next_portion)
    worker.on_deadline(FILE_GOES)(an_uploaded_file_goes)


async def an_uploaded_file_goes(deadline: Deadline, work: AllocationWork) -> None:
    """Some days after the import nobody needs the file any more."""
    await forget_file(deadline.subject, work)
