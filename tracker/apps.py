"""The staff's door: INSTALLED_APPS names this in the place of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "recommendations.accounts.site.StaffSite"
