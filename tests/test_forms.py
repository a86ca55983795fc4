"""What staff fill in: the fields and forms by themselves."""

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from recommendations.admin.forms.coverage import CoverageField
from recommendations.admin.forms.fields import LineFormField, PassageFormField
from recommendations.admin.forms.plan import RecommendationForm
from recommendations.admin.forms.updates import EvidenceFormSet
from recommendations.models import Recommendation, ReportSection, SupportLink
from recommendations.publishing.history import PARTS, last_change, version_of
from tests.factories import make_area, make_recommendation, make_report, make_user


def test_a_passage_takes_every_line_ending_as_one():
    assert PassageFormField().clean("one\r\ntwo\x0bthree") == "one\ntwo\nthree"


def test_a_passage_with_the_browsers_line_endings_is_unchanged():
    assert not PassageFormField().has_changed("one\ntwo", "one\r\ntwo")
    assert PassageFormField().has_changed("one\ntwo", "one\r\n\r\ntwo")


@pytest.mark.parametrize("field", [LineFormField, PassageFormField])
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x9f", "\ufdd0"])
def test_text_refuses_what_cannot_be_printed(field, character):
    with pytest.raises(ValidationError):
        field().clean(f"a{character}b")


@pytest.mark.parametrize("field", [LineFormField, PassageFormField])
def test_no_field_lets_the_browser_cut_what_is_pasted(field):
    typed = field(max_length=3)

    assert "maxlength" not in typed.widget.attrs
    with pytest.raises(ValidationError):
        typed.clean("four")


@pytest.mark.django_db
def test_coverage_keeps_what_was_typed():
    one, two = make_recommendation(), make_recommendation()
    field = CoverageField()
    field.offer([one, two])
    typed = field.widget.value_from_datadict({"c": [str(one.pk)], f"c-{one.pk}": "planned", f"c-{two.pk}": ""}, {}, "c")

    html = field.widget.render("c", typed, {"id": "id_c"})

    assert field.clean(typed) == {one.pk: "planned"}
    assert html.count(" checked") == 1
    assert html.count(" selected") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["done", "Planned", "planned "])
def test_coverage_refuses_a_status_that_is_not_offered(status):
    one = make_recommendation()
    field = CoverageField()
    field.offer([one])

    with pytest.raises(ValidationError, match="from the list for"):
        field.clean(([str(one.pk)], {str(one.pk): status}))


@pytest.mark.django_db
@pytest.mark.parametrize("ticked", [["999999"], ["x"], ["1; DROP TABLE"], [""]])
def test_coverage_refuses_ids_that_were_not_offered(ticked):
    field = CoverageField()
    field.offer([make_recommendation()])

    with pytest.raises(ValidationError, match="isn't in this area"):
        field.clean((ticked, {}))


@pytest.mark.django_db
def test_evidence_is_refused_twice_and_left_out_when_deleted_or_empty():
    sent = {
        "form-TOTAL_FORMS": "4",
        "form-INITIAL_FORMS": "0",
        "form-0-label": "Minutes",
        "form-0-address": "https://a.example",
        "form-1-label": "Again",
        "form-1-address": "https://a.example",
        "form-2-label": "",
        "form-2-address": "",
    }
    twice = EvidenceFormSet(sent)
    once = EvidenceFormSet(sent | {"form-1-address": "https://b.example"})

    assert not twice.is_valid()
    assert twice.forms[1].errors == {"address": ["The update already has this address."]}
    assert once.is_valid()
    assert once.links() == (("Minutes", "https://a.example", ""), ("Again", "https://b.example", ""))


def opened_evidence(*links):
    """What a browser sends for the page that corrects an update with these links, nothing touched."""
    sent = {"form-TOTAL_FORMS": str(len(links) + 1), "form-INITIAL_FORMS": str(len(links))}
    for number, (label, address, _archived) in enumerate(links):
        for prefix in ("", "initial-"):
            sent |= {f"{prefix}form-{number}-label": label, f"{prefix}form-{number}-address": address}
    return sent


@pytest.mark.django_db
def test_a_link_that_is_removed_may_be_empty():
    links = (("Minutes", "https://a.example", ""), ("Street", "https://b.example", ""))
    sent = opened_evidence(*links) | {"form-1-label": "", "form-1-address": "", "form-1-DELETE": "on"}
    evidence = EvidenceFormSet(sent, stored=links)

    assert evidence.is_valid()
    assert evidence.links() == links[:1]


@pytest.mark.django_db
def test_a_new_link_may_have_the_address_that_another_one_had():
    links = (("Minutes", "https://a.example", ""),)
    moved = {"form-0-address": "https://b.example", "form-1-label": "New", "form-1-address": "https://a.example"}
    evidence = EvidenceFormSet(opened_evidence(*links) | moved, stored=links)

    assert evidence.is_valid()
    assert evidence.links() == (("Minutes", "https://b.example", ""), ("New", "https://a.example", ""))


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://a.example", "data:text/html,x"])
def test_evidence_leads_to_the_web_alone(address):
    sent = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-label": "x", "form-0-address": address}

    assert not EvidenceFormSet(sent).is_valid()


@pytest.mark.django_db
def test_the_version_moves_with_a_thing_and_with_its_parts():
    report = make_report()
    versions = [version_of(report)]
    report.title = "Other"
    report.save()
    versions.append(version_of(report))
    section = ReportSection.objects.create(report=report, heading="Thanks", body="To all.")
    versions.append(version_of(report))
    section.delete()
    versions.append(version_of(report))

    assert len(set(versions)) == 4
    assert version_of(report) == versions[-1]
    assert {SupportLink, ReportSection} <= {part for parts in PARTS.values() for part, _ in parts}


@pytest.mark.django_db
def test_sign_in_is_no_change_of_an_account(client):
    user = make_user()
    before = version_of(user)

    client.force_login(user)

    assert version_of(user) == before
    assert last_change(user) is None


@pytest.mark.django_db
def test_a_recommendation_does_not_take_its_own_place():
    one = make_recommendation(area=make_area())
    made = modelform_factory(Recommendation, form=RecommendationForm, fields="__all__")
    sent = {"area": one.area_id, "reference": one.reference, "text": one.text, "version": version_of(one)}
    bound = made(sent | {"replaced_by": [one.pk], "retired_on": "2020-01-01", "retired_reason": "Split."}, instance=one)

    assert bound.errors == {"replaced_by": ["It can't replace itself."]}


@pytest.mark.parametrize("kind", admin.site._registry, ids=lambda kind: kind._meta.model_name)
def test_a_form_puts_beside_its_fields_what_constraints_say(kind):
    """A constraint that was renamed would say it above the form."""
    beside = getattr(admin.site._registry[kind].form, "beside", {})

    assert set(beside) <= {constraint.name for constraint in kind._meta.constraints}


def test_every_field_that_staff_fill_in_says_what_belongs_in_it(rf, user):
    """But a name and a role, whose labels and choices say all."""
    request = rf.get("/admin/")
    request.user = user
    forms = [
        (kind.model, kind.get_formset(request).form if hasattr(kind, "get_formset") else kind.get_form(request))
        for model_admin in admin.site._registry.values()
        if model_admin.has_change_permission(request)
        for kind in (model_admin, *model_admin.get_inline_instances(request, model_admin.model()))
    ]

    silent = {
        f"{model.__name__}.{name}"
        for model, form in forms
        for name, field in form.base_fields.items()
        if not field.help_text and not field.widget.is_hidden
    }

    assert len(forms) > 10
    assert silent == {"User.last_name", "User.role"}
