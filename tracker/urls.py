"""The doors: the public's pages at the root, the staff's under /admin/."""

from django.contrib import admin
from django.urls import include, path

# Staff's pages register with the site as they are loaded, and are then among its addresses.
admin.autodiscover()

urlpatterns = [path("", include("recommendations.public.urls")), path("admin/", admin.site.urls)]

handler400 = "recommendations.public.views.not_understood"
handler404 = "recommendations.public.views.not_found"
handler500 = "recommendations.public.views.failed"
