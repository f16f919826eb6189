"""Tables of manufacturers, partners and accounts."""

from partners.models.absences import Absence, Exclusion
from partners.models.accounts import ApiKey, Invitation, Membership, SingleSignOn, User
from partners.models.changes import SetUpChange
from partners.models.imports import Import, ImportFile, ImportPart, ImportRow
from partners.models.manufacturers import (
    CertificationLevel,
    Manufacturer,
    OwnSetting,
    ProductLine,
)
from partners.models.materials import (
    Material,
    MaterialOpening,
    MaterialProductLine,
    MaterialVersion,
)
from partners.models.notices import NoticeSettings, PushDevice, Topic
from partners.models.partners import (
    Certification,
    CoverageCode,
    Partner,
    PortfolioItem,
    PortfolioTally,
    ServiceArea,
)

__all__ = [
    "Absence",
    "ApiKey",
    "Certification",
    "CertificationLevel",
    "CoverageCode",
    "Exclusion",
    "Import",
    "ImportFile",
    "ImportPart",
    "ImportRow",
    "Invitation",
    "Manufacturer",
    "Material",
    "MaterialOpening",
    "MaterialProductLine",
    "MaterialVersion",
    "Membership",
    "NoticeSettings",
    "OwnSetting",
    "Partner",
    "PortfolioItem",
    "PortfolioTally",
    "ProductLine",
    "PushDevice",
    "ServiceArea",
    "SetUpChange",
    "SingleSignOn",
    "Topic",
    "User",
]
