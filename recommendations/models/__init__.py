"""What is stored. Import models from here; each module holds one subject, each queryset stands above its model."""

from .logos import EditionLogo, Logo, LogoImage
from .plan import ActionPlan, Area, Phrase, Recommendation, ResponsibleParty, SupportLink
from .progress import Assessment, Correction, EvidenceLink, ProgressUpdate, Status
from .reminders import PasswordResetSent, ReminderSent
from .reports import Edition, EditionFile, EditionUpdate, Report, ReportSection, SetAside, TakeDown
from .wording import Term

__all__ = [
    "ActionPlan",
    "Area",
    "Assessment",
    "Correction",
    "Edition",
    "EditionFile",
    "EditionLogo",
    "EditionUpdate",
    "EvidenceLink",
    "Logo",
    "LogoImage",
    "PasswordResetSent",
    "Phrase",
    "ProgressUpdate",
    "Recommendation",
    "ReminderSent",
    "Report",
    "ReportSection",
    "ResponsibleParty",
    "SetAside",
    "Status",
    "SupportLink",
    "TakeDown",
    "Term",
]
