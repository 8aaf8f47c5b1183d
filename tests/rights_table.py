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
        POST /messages/<int:message_id>/retry
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
    """,
    "tickets.write": """
        DELETE /api/v1/messages/<int:message>
        PATCH /api/v1/messages/<int:message>
        POST /api/v1/tickets/<int:number>/follow-up
        POST /api/v1/tickets/<int:number>/forward
        GET /messages/<int:message_id>/edit
        POST /messages/<int:message_id>/delete
        POST /messages/<int:message_id>/edit
        POST /messages/<int:message_id>/restore
        GET /tickets/<int:number>/follow-up
        GET /tickets/<int:number>/forward
        POST /tickets/<int:number>/follow-up
        POST /tickets/<int:number>/forward
        POST /messages/<int:message_id>/split
        POST /messages/<int:message_id>/unsend
        POST /addin/tickets
        POST /api/v1/tickets
        PATCH /api/v1/tickets/<int:number>
        POST /api/v1/tickets/<int:number>/messages
        DELETE /drafts/<key>
        GET /drafts/<key>
        POST /drafts/<key>
        POST /tickets
        POST /tickets/<int:number>/<name>
        POST /tickets/<int:number>/messages
        GET /tickets/new
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
        GET /settings/mailboxes
        GET /settings/mailboxes/list
        POST /settings/mailboxes/<int:box_id>/<what>
    """,
}
ROUTES = {route.strip(): needs for needs, routes in TABLE.items() for route in routes.strip().splitlines()}
