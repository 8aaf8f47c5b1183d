"""The limit app's statements."""

SESSION = """
select p.id, p.name, p.mail, p.roles, p.customer_id, p.language, p.timezone, p.theme, s.id as session_id,
       array(select team_id from team_members m where m.person_id = p.id) as teams
from sessions s join people p on p.id = s.person_id
where s.id = %(id)s and s.ended_at is null and s.expires_at > %(now)s and p.active
"""

LIST = """
select t.*, c.name as customer, a.name as assignee
from (select id, number, subject, priority, activity_status, updated_at, status_id, closed, pending_until, customer_id,
             assignee_id
      from tickets t where {} order by updated_at desc, id desc limit 51) as t
left join customers c on c.id = t.customer_id
left join people a on a.id = t.assignee_id
order by t.updated_at desc, t.id desc
"""

_VIEWS = {
    "mine": "t.assignee_id = %(me)s",
    "teams": "t.team_id = any(%(teams)s)",
    "unassigned": "t.assignee_id is null",
    "us": "t.activity_status = 'waiting-for-technician'",
    "overdue": "t.activity_status in ('unread', 'waiting-for-technician') and t.updated_at < %(late)s",
    "waiting": "t.status_id in (select id from statuses where kind = 'pending')",
    "all": "true",
}
_ATTENTION = {
    "unread": "t.activity_status = 'unread'",
    "us": "t.activity_status = 'waiting-for-technician'",
    "customer": "t.activity_status = 'waiting-for-contact'",
    "urgent": "t.priority in ('critical', 'high')",
}
_CAPPED = "(select count(*) from (select 1 from tickets t where not t.closed and {} limit 100) as seen) as {}"


def counts(here: str) -> str:
    """How many open tickets each view has, and each metric within the condition `here`."""
    asked = [_CAPPED.format(condition, f"view_{name}") for name, condition in _VIEWS.items()]
    asked += [_CAPPED.format(f"{here} and {condition}", name) for name, condition in _ATTENTION.items()]
    return "select " + ", ".join(asked)


QUESTIONS = """
select array_agg((websearch_to_tsquery('simple', word) || websearch_to_tsquery(%(config)s::regconfig, word)
    || case when n = %(last)s and word ~ '^\\w+$' then to_tsquery('simple', quote_literal(word) || ':*')
       else ''::tsquery end)::text order by n) as questions
from unnest(%(words)s::text[]) with ordinality as each (word, n)
"""

LOOK = """
select case
    when (select count(*) from (select public, internal from ticket_search order by ticket_id desc, part desc limit 300)
          as newest where public @@ %(question)s::tsquery or internal @@ %(question)s::tsquery) > 6 then null
    else array(select ticket_id from ticket_search
               where public @@ %(question)s::tsquery or internal @@ %(question)s::tsquery limit %(few)s)
    end as ids
"""

WALK = """exists (select from ticket_search s where s.ticket_id = t.id
    and (s.public @@ {0}::tsquery or s.internal @@ {0}::tsquery) offset 0)"""

_AGREED = """jsonb_build_object('level', {0}service_level, 'hours', {0}included_hours, 'per', {0}included_per,
    'rate', {0}hourly_rate, 'rate_in', {0}hourly_rate_in_contract, 'travel', {0}travel_flat_rate,
    'currency', {0}currency)"""

FACTS = f"""
select t.id, t.number, t.subject, t.closed, t.activity_status, t.priority, t.impact, t.type, t.category,
       t.product_family, t.messages_count, t.created_at, t.updated_at, t.summary, t.data, t.status_id, t.contact_id,
       t.assignee_id, t.team_id, c.id as customer_id, c.key as customer_key, c.name as customer, p.name as contact,
       p.mail as contact_mail, p.phone as contact_phone, p.job_title as contact_job, s.name as contact_site,
       a.name as assignee, m.name as team, o.number as order_number, o.title as order_title, o.total as order_total,
       o.currency as order_currency, o.status as order_status, running.id as chat_id, running.state as chat_state,
       running.technician_id as chat_technician_id, running.name as chat_technician,
       t.pending_until, t.fields, t.parent_id, t.problem_id, t.group_id, g.name as "group", cause.name as root_cause,
       exists (select from root_cause_offers where offered_for in ('type:' || t.type, 'source:' || t.source))
           as has_causes,
       earlier.number as follows, (select max(number) from tickets where follows_id = t.id) as followed_by,
       (select to_jsonb(survey_answers) from survey_answers where ticket_id = t.id) as survey,
       n.name as contract, case when n.id is not null then {_AGREED.format("n.")} end as agreed,
       exists (select from time_entries where ticket_id = t.id and deleted_at is null)
           or exists (select from ticket_items where ticket_id = t.id and deleted_at is null) as has_work,
       survivor.number as merged_into,
       array(select number from tickets where merged_into_id = t.id order by number) as merged,
       exists (select from checklists where ticket_id = t.id and removed_at is null) as has_checklists,
       exists (select from devices where contact_id = t.contact_id and not removed) as has_devices,
       (select jsonb_agg(to_jsonb(f) order by position, id) from custom_fields f where not removed) as defined,
       (select jsonb_agg(jsonb_build_object('name', name, 'address', address) order by id)
        from ticket_participants where ticket_id = t.id) as participants,
       above.number as parent_number, above.subject as parent_subject, above.assignee_id as parent_assignee_id,
       cause_of.number as problem_number, cause_of.subject as problem_subject,
       exists (select from tickets where parent_id = t.id) or exists (select from tickets where problem_id = t.id)
           as has_family,
       exists (select from tickets where parent_id = t.id and assignee_id = %(me)s) as owns_below
from tickets t
left join root_causes cause on cause.id = t.root_cause_id
left join tickets earlier on earlier.id = t.follows_id
left join contracts n on n.id = t.contract_id
left join tickets survivor on survivor.id = t.merged_into_id
left join team_groups g on g.id = t.group_id
left join tickets above on above.id = t.parent_id
left join tickets cause_of on cause_of.id = t.problem_id
left join customers c on c.id = t.customer_id
left join people p on p.id = t.contact_id
left join sites s on s.id = p.site_id
left join people a on a.id = t.assignee_id
left join teams m on m.id = t.team_id
left join orders o on o.id = t.order_id
left join lateral (
    select h.id, h.state, h.technician_id, p.name from chats h left join people p on p.id = h.technician_id
    where h.ticket_id = t.id and h.state <> 'ended' order by h.id desc limit 1) as running on true
where t.number = %(number)s and (t.parent_id is null or t.assignee_id = %(me)s or t.parent_id <> all(
    select mine.parent_id from tickets mine join tickets over on over.id = mine.parent_id
    where mine.assignee_id = %(me)s and over.assignee_id is distinct from %(me)s))
"""

MAILS = """
select 'in' as way, id, message_id, coalesce(nullif(from_name, ''), from_address) as who, subject, kind as state,
       received_at as at
from inbound_mails where ticket_id = %(ticket)s
union all
select 'out', id, message_id, coalesce(nullif("to" -> 0 ->> 'name', ''), "to" -> 0 ->> 'address'), subject,
       case when bounces @> '[{"permanent": true}]' then 'bounced' else state end, coalesce(sent_at, created_at)
from outbound_mails where ticket_id = %(ticket)s
order by at desc, id desc limit 30
"""

MESSAGES = """
select m.id, m.kind, m.channel, m.by_staff, m.author_id, m.author_name, m.author_mail, m."to", m.cc, m.text, m.quoted,
       m.html, m.delivery, m.internet_message_id, m.sent_at, m.edited_at, m.deleted_at, m.subject, m.by_mail_because,
       m.problems, m.mailed_as, t.subject as matter, t.number as ticket_number, t.contact_id as asked_by,
       array(select subject from tickets where merged_into_id = t.id) as matters,
       o.error, o.bounces, o.id as outbound_id,
       (select jsonb_agg(jsonb_build_array(p.name, n.told) order by n.id)
        from mentions n join people p on p.id = n.person_id where n.message_id = m.id) as told
from messages m join tickets t on t.id = m.ticket_id
left join outbound_mails o on o.message_id = m.id and o.purpose = 'reply'
where m.ticket_id = %(ticket)s order by m.id desc limit 30
"""

FILES = """
select id, message_id, name, content_type, size from attachments
where message_id = any(%(ids)s) and not inline order by id
"""

EVENTS = """
select verb, actor_name, before, after, at from activities
where ticket_id = %(ticket)s and verb = any(%(verbs)s) order by id desc limit 200
"""

_VISIT = """v.id, v.ticket_id, v.technician_id, v.kind, v.start, v."end", v.timezone, v.starts_at, v.ends_at, v.place,
       v.state, v.published, v.error, v.customer_response, p.name as technician"""

VISITS = f"""
select {_VISIT} from visits v join people p on p.id = v.technician_id
where v.ticket_id = %(ticket)s order by v.starts_at, v.id
"""

NEXT_VISIT = f"""
select {_VISIT}, t.number, t.subject
from visits v join people p on p.id = v.technician_id join tickets t on t.id = v.ticket_id
where t.customer_id = %(customer)s and v.state = 'planned' and v.kind <> 'block' and v.ends_at > %(now)s
order by v.starts_at, v.id limit 1
"""

NEIGHBOURS = """
select (select number from tickets t where {} and (updated_at, id) > (%(at)s, %(id)s)
        order by updated_at, id limit 1) as newer,
       (select number from tickets t where {} and (updated_at, id) < (%(at)s, %(id)s)
        order by updated_at desc, id desc limit 1) as older
"""

KNOWN = """
select e.address as known from email_addresses e join people p on p.id = e.person_id
where e.address = any(%(addresses)s) and p.active
  and (cardinality(p.roles) > 0 or p.customer_id = %(customer)s::integer)
union all
select domain from customer_domains where domain = any(%(domains)s) and customer_id = %(customer)s::integer
"""

LAST = """
select t.number, t.subject, t.priority, t.closed, t.updated_at, s.kind
from tickets t join statuses s on s.id = t.status_id
where t.contact_id = %(contact)s and t.id <> %(id)s order by t.updated_at desc, t.id desc limit 5
"""

PERSON = """
select p.id, p.name, p.mail, p.job_title, p.phone, p.roles, c.id as customer_id, c.key as customer_key,
       c.name as customer_name, s.name as site_name
from email_addresses e join people p on p.id = e.person_id
left join customers c on c.id = p.customer_id left join sites s on s.id = p.site_id
where e.address = %(address)s
"""

MAIL = """
select t.id, t.number, t.subject, t.closed, t.priority, t.assignee_id, a.name as assignee_name, s.key as status_key,
       s.name as status_name, s.kind as status_kind,
       s.tone as status_tone
from tickets t join statuses s on s.id = t.status_id left join people a on a.id = t.assignee_id
where t.id in (
    select ticket_id from inbound_mails where internet_message_id = %(id)s and from_address = %(address)s
    union all select ticket_id from messages where internet_message_id = %(id)s and author_mail = %(address)s
    union all select ticket_id from outbound_mails where exchange_message_id = %(id)s)
order by t.id desc limit 1
"""

ORDERS = """
select id, number, title, ordered_on, status, total, currency from orders
where customer_id = %(customer)s order by ordered_on desc, id desc limit 3
"""

LINES = """
select order_id, description, quantity, delivered, due_on from order_lines
where order_id = any(%(ids)s) order by order_id, position
"""

DOCUMENTS = """
select id, order_id, name, content_type, size from order_documents where order_id = any(%(ids)s) order by id
"""

_BESIDE = """
(select t.number, t.subject, t.priority, t.closed, t.updated_at, t.assignee_id, a.name as assignee,
        s.key as status_key, s.name as status_name, s.kind as status_kind,
       s.tone as status_tone
 from tickets t join statuses s on s.id = t.status_id left join people a on a.id = t.assignee_id
 where t.customer_id = %(customer)s and {} order by t.updated_at desc, t.id desc limit {})
"""

BESIDE = _BESIDE.format("not t.closed", 8) + " union all " + _BESIDE.format("t.closed", 5)

_FEW = "(select count(*) from (select 1 from {} where customer_id = %(customer)s and {} limit 100) as few) as {}"

COUNTED = "select " + ", ".join(
    [_FEW.format("orders", "true", "orders"), _FEW.format("tickets", "not closed", "open"),
     _FEW.format("tickets", "closed", "closed"),
     f"""(select jsonb_agg(to_jsonb(few)) from (select name, {_AGREED.format('')} as agreed from contracts
         where customer_id = %(customer)s and starts_on <= %(today)s and (ends_on is null or ends_on >= %(today)s)
         order by starts_on desc, id desc limit 3) as few) as contracts""",
     """(select coalesce(sum(e.minutes), 0) from time_entries e join tickets t on t.id = e.ticket_id
         where t.customer_id = %(customer)s and e.billed_at is null and e.deleted_at is null
           and e.kind in ('billable', 'contract')) as unbilled"""]
)  # fmt: skip
