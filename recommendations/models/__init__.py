"""What is stored. Import models from here: each module holds one subject, with each queryset above its model."""

from recommendations.models.accounts import ExportMade, GivenPassword, SecondFactorReset
from recommendations.models.backups import VerifiedBackup
from recommendations.models.beside import LinkKind, RecommendationLink
from recommendations.models.content_version import ContentVersion
from recommendations.models.corrections import Correction
from recommendations.models.finding_answers import FindingAnswer
from recommendations.models.links import LinkCheck, LinkDecision
from recommendations.models.logos import EditionLogo, Logo, LogoImage
from recommendations.models.notes import LegalHold, NoteEnding
from recommendations.models.plan import ActionPlan, Phrase
from recommendations.models.progress import Assessment, EvidenceLink, ProgressUpdate
from recommendations.models.publications import Publication
from recommendations.models.recommendations import Area, Recommendation, ResponsibleParty
from recommendations.models.reminders import PasswordResetSent, ReminderSent
from recommendations.models.reports import (
    Edition,
    EditionFile,
    EditionUpdate,
    Report,
    ReportSection,
    SetAside,
    TakeDown,
)
from recommendations.models.security import SecurityEvent, SignInTurn
from recommendations.models.site_exports import SiteExport
from recommendations.models.statuses import Status
from recommendations.models.support import SupportLink
from recommendations.models.terms import Term
from recommendations.models.wordings import StatusWording

__all__ = [
    "ActionPlan",
    "Area",
    "Assessment",
    "ContentVersion",
    "Correction",
    "Edition",
    "EditionFile",
    "EditionLogo",
    "EditionUpdate",
    "EvidenceLink",
    "ExportMade",
    "FindingAnswer",
    "GivenPassword",
    "LegalHold",
    "LinkCheck",
    "LinkDecision",
    "LinkKind",
    "Logo",
    "LogoImage",
    "NoteEnding",
    "PasswordResetSent",
    "Phrase",
    "ProgressUpdate",
    "Publication",
    "Recommendation",
    "RecommendationLink",
    "ReminderSent",
    "Report",
    "ReportSection",
    "ResponsibleParty",
    "SecondFactorReset",
    "SecurityEvent",
    "SetAside",
    "SignInTurn",
    "SiteExport",
    "Status",
    "StatusWording",
    "SupportLink",
    "TakeDown",
    "Term",
    "VerifiedBackup",
]
