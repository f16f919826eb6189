"""Addresses of a partner's pages; mails link to offers and to leads in hands."""

from django.urls import path

from leads.views import assignments, attachments, inbox, missed, news, offers, pick_list, working

urlpatterns = [
    path("inbox/", inbox.show_inbox, name="partner-inbox"),
    path("inbox/news/", news.tell_news, name="partner-news"),
    path("offers/<uuid:offer_id>/", offers.show_offer, name="partner-offer"),
    path("offers/<uuid:offer_id>/accept/", offers.accept, name="partner-offer-accept"),
    path("offers/<uuid:offer_id>/decline/", offers.decline, name="partner-offer-decline"),
    path("assignments/", assignments.show_leads, name="partner-leads"),
    path("assignments/<uuid:assignment_id>/", assignments.show_lead, name="partner-lead"),
    path(
        "assignments/<uuid:assignment_id>/contact/",
        assignments.note_contact,
        name="partner-lead-contact",
    ),
    path(
        "assignments/<uuid:assignment_id>/feedback/",
        assignments.report,
        name="partner-lead-feedback",
    ),
    path(
        "assignments/<uuid:assignment_id>/return/",
        assignments.give_back,
        name="partner-lead-return",
    ),
    path(
        "assignments/<uuid:assignment_id>/files/",
        attachments.attach,
        name="partner-lead-attach",
    ),
    path("files/<uuid:attachment_id>/", attachments.open_own, name="partner-attachment"),
    path(
        "files/<uuid:attachment_id>/remove/",
        attachments.take_back,
        name="partner-attachment-remove",
    ),
    path(
        "assignments/<uuid:assignment_id>/reminder/",
        working.remind,
        name="partner-lead-reminder",
    ),
    path(
        "assignments/<uuid:assignment_id>/reminder/end/",
        working.end_remind,
        name="partner-lead-reminder-end",
    ),
    path(
        "assignments/<uuid:assignment_id>/calendar/",
        working.show_entry,
        name="partner-lead-calendar",
    ),
    path(
        "assignments/<uuid:assignment_id>/notes/",
        working.write_note,
        name="partner-lead-note",
    ),
    path(
        "assignments/<uuid:assignment_id>/hand-over/",
        working.pass_on,
        name="partner-lead-hand-over",
    ),
    path(
        "assignments/<uuid:assignment_id>/stage/",
        working.say_stage,
        name="partner-lead-stage",
    ),
    path("missed-leads/", missed.show_own, name="partner-missed-leads"),
    path("pick-list/", pick_list.show_pick_list, name="partner-pick-list"),
    path("pick-list/<uuid:lead_id>/pick/", pick_list.pick, name="partner-pick-list-pick"),
]
