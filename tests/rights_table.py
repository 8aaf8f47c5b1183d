"""Every route of the application, and what one must be allowed to use it. A new one is added here by hand."""

TABLE = {
    "open": """
        GET /addin/help
        GET /addin/icons/<name>.png
        GET /addin/pane
        GET /addin/privacy
        GET /addin/static/<path:filename>
        GET /addin/terms
        POST /api/messages
        GET /api/v1/openapi.json
        GET /chats/files/<int:attachment_id>/<int:until>/<mark>
        GET /healthz
        GET /metrics
        POST /microsoft/calendar/lifecycle
        POST /microsoft/calendar/notifications
        POST /microsoft/lifecycle
        POST /microsoft/notifications
        GET /readyz
        POST /session
        GET /sign-in
        POST /sign-in
        POST /sign-in/callback
        POST /sign-out
        GET /static/<path:filename>
        GET /survey-answers/<int:ticket_id>/<int:until>/<mark>
        GET /tab
    """,
    "signed-in": """
        POST /me/language
        POST /me/theme
    """,
    "chats.read": """
        GET /api/v1/chats
        GET /api/v1/chats/<int:chat_id>
        GET /chats
        GET /chats/<int:chat_id>
        GET /chats/queue
        GET /chats/waiting
    """,
    "chats.write": """
        POST /api/v1/messages/<int:message_id>/send-again
        POST /api/v1/chats/<int:chat_id>/answer
        POST /api/v1/chats/<int:chat_id>/end
        POST /api/v1/chats/<int:chat_id>/messages
        POST /chats/<int:chat_id>/answer
        GET /chats/<int:chat_id>/colleagues
        POST /chats/<int:chat_id>/end
        POST /chats/<int:chat_id>/hand-over
        POST /chats/<int:chat_id>/messages
        POST /chats/<int:chat_id>/typing
        POST /chats/messages/<int:message_id>/again
    """,
    "mail.read": """
        GET /api/v1/inbound
        GET /api/v1/inbound/<int:inbound_id>/original
        GET /api/v1/outbound
        GET /mails/<int:mail_id>/original
        GET /messages/<int:message_id>/original
    """,
    "mail.retry": """
        POST /api/v1/outbound/<int:outbound_id>/retry
        POST /mails/<int:mail_id>/release
        POST /messages/<int:message_id>/retry
    """,
    "contracts.read": """
        GET /api/v1/contracts
        GET /api/v1/contracts/<path:number>
    """,
    "contracts.write": """
        PUT /api/v1/contracts/<path:number>
        POST /customers/<key>/contracts
        GET /customers/<key>/contracts/new
        POST /customers/<key>/contracts/<int:contract_id>
        GET /customers/<key>/contracts/<int:contract_id>/edit
    """,
    "surveys.read": """
        GET /api/v1/tickets/<int:number>/survey-answer
        POST /tickets/<int:number>/survey-answer/link
    """,
    "surveys.write": """
        PUT /api/v1/tickets/<int:number>/survey-answer
    """,
    "orders.read": """
        GET /api/v1/documents/<int:document_id>
        GET /api/v1/orders
        GET /api/v1/orders/<path:number>
        GET /order-documents/<int:document_id>
        GET /orders
        GET /orders/<path:number>
    """,
    "orders.write": """
        PUT /api/v1/orders/<path:number>
        GET /order-sites
        POST /orders
        POST /orders/<path:number>
        GET /orders/<path:number>/edit
        GET /orders/import
        POST /orders/import
        GET /orders/import/<int:number>
        POST /orders/import/<int:number>
        POST /orders/import/<int:number>/choices
        GET /orders/import/<int:number>/refused
        GET /orders/new
    """,
    "people.read": """
        GET /addin/customers
        GET /api/v1/contacts
        GET /api/v1/contacts/<path:key>
        GET /api/v1/customers
        GET /api/v1/customers/<path:key>
        GET /contacts/<int:number>
        GET /customers
        GET /customers/<key>
        GET /customers/find
        GET /people/find
    """,
    "people.write": """
        POST /addin/sender
        PUT /api/v1/contacts/<path:key>
        PUT /api/v1/customers/<path:key>
        POST /contacts/<int:number>
        POST /customers
        POST /customers/<key>
        POST /customers/<key>/contacts
        GET /customers/<key>/contacts/new
        GET /customers/<key>/edit
        GET /customers/new
    """,
    "tickets.read": """
        GET /
        GET /addin/item
        GET /addin/tickets/<int:number>
        GET /api/v1/attachments/<int:attachment_id>
        GET /api/v1/messages
        GET /api/v1/root-causes
        GET /api/v1/statuses
        GET /api/v1/tickets
        GET /api/v1/tickets/<int:number>
        GET /api/v1/tickets/<int:number>/activity
        GET /api/v1/tickets/<int:number>/messages
        GET /attachments/<int:attachment_id>
        GET /live
        GET /messages/<int:message_id>/pictures
        GET /tickets
        GET /tickets/<int:number>
        GET /tickets/<int:number>/about
        GET /tickets/<int:number>/choices/<name>
        GET /tickets/<int:number>/older
        GET /tickets/<int:number>/preview
        POST /tickets/<int:number>/seen
        GET /api/v1/tickets/<int:number>/linked
        GET /api/v1/tickets/<int:number>/sub-tickets
        GET /tickets/<int:number>/assignable
        GET /tickets/find
    """,
    "tickets.write": """
        POST /messages/<int:message_id>/split
        POST /addin/tickets
        POST /api/v1/tickets
        PATCH /api/v1/tickets/<int:number>
        POST /api/v1/tickets/<int:number>/messages
        POST /api/v1/tickets/<int:number>/merge
        POST /api/v1/tickets/<int:number>/unmerge
        GET /tickets/<int:number>/merge
        POST /tickets/<int:number>/merge
        POST /tickets/<int:number>/unmerge
        DELETE /drafts/<key>
        GET /drafts/<key>
        POST /drafts/<key>
        POST /tickets
        POST /tickets/<int:number>/<name>
        POST /tickets/<int:number>/messages
        GET /tickets/new
        DELETE /api/v1/tickets/<int:number>/linked/<int:ticket>
        POST /api/v1/tickets/<int:number>/linked
        POST /api/v1/tickets/<int:number>/linked/messages
        POST /api/v1/tickets/<int:number>/sub-tickets
        POST /tickets/<int:number>/linked
        GET /tickets/<int:number>/linked/answer
        POST /tickets/<int:number>/linked/close
        POST /tickets/<int:number>/linked/messages
        POST /tickets/<int:number>/parent
        POST /tickets/<int:number>/problem
        POST /tickets/<int:number>/sub-tickets
        GET /tickets/<int:number>/sub-tickets/new
    """,
    "tickets.delete": """
        DELETE /api/v1/tickets/<int:number>
        POST /api/v1/tickets/<int:number>/restore
        POST /tickets/<int:number>/delete
        POST /tickets/<int:number>/restore
    """,
    "visits.read": """
        GET /api/v1/visits
        GET /api/v1/visits/<int:visit>
        GET /board
        POST /board/look
        GET /board/unplanned
        GET /visits/clashes
    """,
    "visits.write": """
        POST /api/v1/visits
        DELETE /api/v1/visits/<int:visit>
        PATCH /api/v1/visits/<int:visit>
        POST /board/plan
        POST /visits
        POST /visits/<int:number>
        POST /visits/<int:number>/cancel
        GET /visits/<int:number>/form
        POST /visits/<int:number>/move
        POST /visits/<int:number>/publish
        POST /visits/<int:number>/restore
        GET /visits/new
        GET /visits/tickets
    """,
    "settings.write": """
        GET /settings
        GET /settings/about/<page>
        POST /settings/about/<page>
        GET /settings/log
        GET /settings/root-causes
        POST /settings/root-causes
        POST /settings/root-causes/<int:cause_id>/<what>
        GET /settings/root-causes/lists/<offered_for>
        POST /settings/root-causes/lists/<offered_for>
        GET /settings/statuses
        POST /settings/statuses
        POST /settings/statuses/<key>/<what>
        GET /settings/mailboxes
        GET /settings/mailboxes/list
        POST /settings/mailboxes/<int:box_id>/<what>
        GET /settings/roles
        GET /settings/teams
        GET /settings/teams/find
        GET /settings/teams/list
        POST /settings/staff/<kind>
        POST /settings/staff/<kind>/<int:number>
        POST /settings/staff/<kind>/<int:number>/remove
        POST /settings/staff/<kind>/<int:number>/parts
        POST /settings/staff/<kind>/<int:number>/parts/<int:part_id>/remove
    """,
}
ROUTES = {route.strip(): needs for needs, routes in TABLE.items() for route in routes.strip().splitlines()}
