"""A letter or e-mail did not get out, was recalled, or came back: a person has to look after it."""

from uuid import UUID

from kfi_applications.domain.application import Application
from kfi_applications.domain.correction import Correction
from kfi_applications.domain.remedies import FailedNotification
from kfi_applications.use_cases.decided_application import act_of
from kfi_applications.works import ApplicationsWork


async def record_failed_notification(
    application_id: UUID, failed: FailedNotification, act_id: UUID | None, work: ApplicationsWork
) -> None:
    """Keep the failure with the case, or with the correction. Raises UnknownAct, UnknownApplication."""
    act = await _act(application_id, act_id, work)
    if isinstance(act, Correction):
        await _keep(act, failed, work)
        return
    act.record_failed_notification(failed)
    await work.applications.save(act)


async def record_returned_letter(
    application_id: UUID, returned: FailedNotification, act_id: UUID | None, work: ApplicationsWork
) -> None:
    """What the letter was to announce is not announced. Raises UnknownAct, UnknownApplication."""
    act = await _act(application_id, act_id, work)
    if isinstance(act, Correction):
        await _keep(act, returned, work)
        return
    act.record_returned_letter(returned)
    await work.applications.save(act)


async def _keep(correction: Correction, failed: FailedNotification, work: ApplicationsWork) -> None:
    correction.record_failure(failed.reason)
    await work.corrections.save(correction)


async def _act(application_id: UUID, act_id: UUID | None, work: ApplicationsWork) -> Application | Correction:
    if act_id is None:
        return await work.applications.get_to_change(application_id)
    return await act_of(application_id, act_id, work)
