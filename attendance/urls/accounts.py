"""Addresses of getting in, and of the people an administrator looks after."""

from django.urls import path

from attendance.views import (
    activations,
    enrolment,
    home,
    invitations,
    language,
    passwords,
    people,
    profile,
    sign_in,
    theme,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("login/", sign_in.login, name="login"),
    path("logout/", sign_in.logout, name="logout"),
    path("language/", language.language_choose, name="language_choose"),
    path("theme/", theme.theme_choose, name="theme_choose"),
    path("password/reset/", passwords.password_reset, name="password_reset"),
    path("password/reset/sent/", passwords.password_reset_sent, name="password_reset_sent"),
    path("password/reset/<str:uidb64>/<str:token>/", passwords.password_reset_confirm, name="password_reset_confirm"),
    path("password/change/", passwords.password_change, name="password_change"),
    path("invitations/<str:token>/", invitations.invitation_accept, name="invitation_accept"),
    path("activate/", activations.activation_redeem, name="activation_redeem"),
    path("activate/<str:token>/", activations.activation_accept, name="activation_accept"),
    path("people/", people.people_list, name="people_list"),
    path("people/activations/", activations.activation_list, name="activation_list"),
    path("people/activations/send/", activations.activation_send, name="activation_send"),
    path("people/activations/print/", activations.activation_print, name="activation_print"),
    path("people/invitations/", invitations.invitation_list, name="invitation_list"),
    path("people/invite/", invitations.invitation_create, name="invitation_create"),
    path("people/invitations/<int:invitation_id>/revoke/", invitations.invitation_revoke, name="invitation_revoke"),
    path("people/<int:person_id>/", people.person_show, name="person_show"),
    path("people/<int:person_id>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:person_id>/change/", people.person_change, name="person_change"),
    path("people/<int:person_id>/activate/", people.person_activate, name="person_activate"),
    path("people/<int:person_id>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("people/<int:person_id>/activation/revoke/", activations.activation_revoke, name="activation_revoke"),
    path("people/<int:person_id>/sessions/end/", people.person_sessions_end, name="person_sessions_end"),
    path("me/", profile.profile_show, name="profile_show"),
    path("me/data/", profile.data_show, name="data_show"),
    path("me/sessions/end/", profile.sessions_end_others, name="sessions_end_others"),
    path("courses/enrol/", enrolment.enrolment_create, name="enrolment_create"),
]
