"""The transaction of the notifications service, and what its workers hold in their hands."""

from functools import cached_property

from kfi_chassis.work import Work
from kfi_notifications.batches import Batches
from kfi_notifications.channels.print_spool import PrintSpool
from kfi_notifications.channels.smtp import MailServer
from kfi_notifications.consents import Consents
from kfi_notifications.deliveries import Deliveries
from kfi_notifications.document_repository import Documents
from kfi_notifications.holds import Holds
from kfi_notifications.inbox import Inbox
from kfi_notifications.press import Press
from kfi_notifications.repository import Notifications
from kfi_notifications.settings import NotificationsSettings
from kfi_notifications.writing import WritingDesk


class NotificationsWork(Work):
    """One transaction with the tables, the writing desk and the channels of this service."""

    settings: NotificationsSettings

    @cached_property
    def notifications(self) -> Notifications:
        """The notifications of this transaction."""
        return Notifications(self.connection, audit=self.audit, outbox=self.outbox)

    @cached_property
    def documents(self) -> Documents:
        """Their files."""
        return Documents(self.connection, self.persons, encrypted=self.settings.encrypt_personal_data)

    @cached_property
    def holds(self) -> Holds:
        """What stays in the house until somebody releases it."""
        return Holds(self.connection, self.audit)

    @cached_property
    def batches(self) -> Batches:
        """The letters of a day, printed and posted together."""
        return Batches(self.connection, self.audit)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The work still to do for them."""
        return Deliveries(self.connection)

    @cached_property
    def consents(self) -> Consents:
        """What organisations say about being told by their inbox."""
        return Consents(self.connection)

    def inbox(self, organisation: str) -> Inbox:
        """The inbox of an organisation."""
        return Inbox(self.connection, organisation)

    @cached_property
    def writing_desk(self) -> WritingDesk:
        """Where documents are written. Raises ConfigurationError in a process without keys."""
        settings = self.settings
        return WritingDesk(settings.opener, self.press, settings.smtp_sender)

    @cached_property
    def press(self) -> Press:
        """Where letters are set, also those that are only looked at."""
        settings = self.settings
        return Press(settings.letterhead, settings.courts, settings.summaries)

    @cached_property
    def print_spool(self) -> PrintSpool:
        """Where letters leave the house."""
        return PrintSpool(self.settings.spool_folder)

    @cached_property
    def mail_server(self) -> MailServer:
        """Where e-mails leave the house."""
        settings = self.settings
        return MailServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_sender,
            settings.smtp_security,
            settings.smtp_username,
            settings.smtp_password,
            settings.smtp_answer_seconds,
        )
