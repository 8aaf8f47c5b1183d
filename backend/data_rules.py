"""What must hold in the database: a sentence each, the query that finds what breaks it, and what to do then.

Each query gives one column, the id that a person can look up, and reads whole tables: no rule asks row by row. That a
row named by another one exists is looked at apart, for every foreign key there is (`data_doctor`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """`says`: what holds where all is well; `table`: whose rows are looked at; `hint`: worth a look, not wrong."""

    says: str
    table: str
    wrong: str
    do: str
    hint: bool = False


_BY_HAND = "Look at these rows; restore the database from the last good backup if there are many."
_TICKETS = (
    Rule(
        "Every ticket has a number of its own.", "tickets",
        "select coalesce(number::text, 'id ' || min(id)) from tickets group by number "
        "having number is null or count(*) > 1",
        "Give all but the oldest a new one: update tickets set number = nextval('ticket_numbers') where id = …",
    ),
    Rule(
        "The next ticket's number is a new one.", "tickets",
        "select max(number) from tickets having max(number) > coalesce((select last_value from pg_sequences "
        "where schemaname = 'public' and sequencename = 'ticket_numbers'), 0)",
        "select setval('ticket_numbers', (select max(number) from tickets));",
    ),
    Rule(
        "Every ticket counts its messages right.", "tickets",
        "select t.number from tickets t left join (select ticket_id, count(*) as n from messages group by 1) m "
        "on m.ticket_id = t.id where t.messages_count <> coalesce(m.n, 0) order by 1",
        "update tickets t set messages_count = (select count(*) from messages m where m.ticket_id = t.id);",
    ),
    Rule(
        "A ticket is closed exactly when its status says so.", "tickets",
        "select t.number from tickets t join statuses s on s.id = t.status_id "
        "where t.closed <> (s.kind = 'closed') order by 1",
        "update tickets t set closed = (s.kind = 'closed') from statuses s where s.id = t.status_id;",
    ),
    Rule(
        "No ticket was last touched before its last message came.", "tickets",
        "select t.number from tickets t join (select ticket_id, max(at) as at from activities "
        "where data ? 'message_id' and verb in ('reply', 'note', 'call', 'mail', 'received') group by 1) a "
        "on a.ticket_id = t.id where t.updated_at < a.at - interval '1 minute' order by 1",
        "update tickets t set updated_at = greatest(updated_at, (select max(at) from activities a "
        "where a.ticket_id = t.id));",
    ),
    Rule(
        "Every ticket can be found by its subject.", "tickets",
        "select t.number from tickets t left join ticket_search s on s.ticket_id = t.id and s.part = 0 "
        "where s.ticket_id is null order by 1",
        "Change the ticket's subject and back: that puts its words together.",
    ),
    Rule(
        "Every ticket can be found by what was said on it.", "tickets",
        "select number from tickets t where exists (select from messages m where m.ticket_id = t.id) "
        "and not exists (select from ticket_search s where s.ticket_id = t.id and s.part > 0) order by 1",
        "Say something on the ticket, such as a note: its words are put together anew with it.",
    ),
    Rule(
        "A merged ticket leads to one that goes on, is closed, and nothing stands on it.", "tickets",
        "select t.number from tickets t join tickets o on o.id = t.merged_into_id where o.merged_into_id is not null "
        "or not t.closed or exists (select from messages m where m.ticket_id = t.id) "
        "or exists (select from visits v where v.ticket_id = t.id) or exists (select from chats c "
        "where c.ticket_id = t.id) order by 1",
        "Undo its merge on its page, and merge it anew.",
    ),
    Rule(
        "A ticket is merged exactly when a merge of it stands.", "tickets",
        "select t.number from tickets t where (t.merged_into_id is not null) <> exists (select from ticket_merges m "
        "where m.source_id = t.id and m.undone_at is null) order by 1", _BY_HAND,
    ),
    Rule(
        "No deleted ticket is there, and its number is known.", "deleted_tickets",
        "select d.number from deleted_tickets d where exists (select from tickets t where t.number = d.number) "
        "or not exists (select from deleted_tickets o where o.number = d.with_number) order by 1", _BY_HAND,
    ),
)  # fmt: skip
_MAIL = (
    Rule(
        "The same mail was taken in once.", "inbound_mails",
        "select min(id) from inbound_mails group by mailbox_id, internet_message_id, content_hash having count(*) > 1 "
        "order by 1",
        "One of them made a second message or ticket: close or empty that one by hand.",
    ),
    Rule(
        "Every mail that was taken in says what became of it.", "inbound_mails",
        "select id from inbound_mails where outcome not in "
        "('ticket', 'message', 'machine', 'ignored', 'failed', 'deleted') "
        "order by 1",
        "Its original is kept: post it again, or answer its sender by hand.",
    ),
    Rule(
        "Every mail that became a ticket or a message has both.", "inbound_mails",
        "select id from inbound_mails where outcome in ('ticket', 'message') "
        "and (ticket_id is null or message_id is null) order by 1",
        "Its original is kept under /api/v1/inbound: open a ticket of it by hand, or look for it in the last backup.",
    ),
    Rule(
        "A mail's message stands on the mail's ticket.", "inbound_mails",
        "select i.id from inbound_mails i join messages m on m.id = i.message_id where m.ticket_id <> i.ticket_id "
        "order by 1",
        "update inbound_mails i set ticket_id = m.ticket_id from messages m where m.id = i.message_id;",
    ),
    Rule(
        "Every mail has its original.", "inbound_mails",
        "select id from inbound_mails where original !~ '^[0-9a-f]{64}$' "
        "and not (outcome = 'deleted' and original = '') order by 1", _BY_HAND,
    ),
    Rule(
        "No reply has gone out twice, and no ticket was confirmed twice.", "outbound_mails",
        "select min(id) from outbound_mails where purpose = 'reply' and message_id is not null group by message_id "
        "having count(*) > 1 union all "
        "select min(id) from outbound_mails where purpose = 'acknowledgement' group by ticket_id having count(*) > 1 "
        "union all select min(id) from outbound_mails where draft_id <> '' group by mailbox_id, draft_id "
        "having count(*) > 1",
        "Whoever got it twice may be told; nothing further will be sent.",
    ),
    Rule(
        "Every reply that went out belongs to a message, and the message says how far it is.", "outbound_mails",
        "select o.id from outbound_mails o left join messages m on m.id = o.message_id where o.purpose = 'reply' "
        "and (m.id is null or m.delivery <> o.state) order by 1",
        "update messages m set delivery = o.state from outbound_mails o where o.message_id = m.id "
        "and o.purpose = 'reply';",
    ),
    Rule(
        "What was sent says when.", "outbound_mails",
        "select id from outbound_mails where (state = 'sent') <> (sent_at is not null) and state <> 'failed' "
        "order by 1", _BY_HAND,
    ),
    Rule(
        "Nothing waits to be sent for more than an hour.", "outbound_mails",
        "select id from outbound_mails where state in ('waiting', 'drafted') "
        "and created_at < now() - interval '1 hour' order by 1",
        "Start a worker (`deskside work`); see why with `deskside doctor`.", hint=True,
    ),
)  # fmt: skip
_TEAMS = (
    Rule(
        "What Teams told the bot was kept once.", "teams_activities",
        "select min(id) from teams_activities group by conversation_id, key having count(*) > 1 union all "
        "select min(id) from teams_activities group by conversation_id, fingerprint having count(*) > 1", _BY_HAND,
    ),
    Rule(
        "The lines of a chat stand in the order in which they came.", "teams_activities",
        "select message_id from (select message_id, lag(message_id) over (partition by conversation_id order by id) "
        "as earlier from teams_activities where type = 'message' and message_id is not null) lines "
        "where message_id < earlier order by 1",
        "Nothing is lost: read the ticket with the times of its messages in mind.",
    ),
    Rule(
        "Every line of ours in a chat says whether it arrived.", "messages",
        "select m.id from messages m where m.channel = 'teams' and m.by_staff and m.kind = 'reply' "
        "and m.delivery not in ('waiting', 'drafted', 'sent', 'failed', 'doubtful') order by 1",
        "Ask the customer, or say it again.",
    ),
    Rule(
        "No line was said twice in the same conversation.", "teams_posts",
        "select message_id from teams_posts where purpose = 'line' and operation = 'create' and state = 'sent' "
        "and message_id is not null group by message_id, conversation_id having count(*) > 1 order by 1",
        "Whoever got it twice may be told; nothing further will be said.",
    ),
    Rule(
        "In each conversation one chat runs at most.", "chats",
        "select min(id) from chats where state <> 'ended' group by conversation_id having count(*) > 1 order by 1",
        "End the older one.",
    ),
    Rule(
        "A chat that was answered has a technician, and one that ended says when.", "chats",
        "select id from chats where (state = 'open' and technician_id is null) "
        "or ((state = 'ended') <> (ended_at is not null)) order by 1",
        "End these chats on their tickets.",
    ),
    Rule(
        "Nothing has been about to be said in Teams for more than an hour.", "teams_posts",
        "select id from teams_posts where state in ('waiting', 'sending') and created_at < now() - interval '1 hour' "
        "order by 1",
        "Start a worker (`deskside work`); see why with `deskside doctor`.", hint=True,
    ),
)  # fmt: skip
_VISITS = (
    Rule(
        "Every visit and every event has a key of its own.", "visit_events",
        "select 'visit ' || min(id) from visits group by key having count(*) > 1 union all "
        "select 'event ' || min(id) from visit_events group by key having count(*) > 1 union all "
        "select 'event ' || min(id) from visit_events where event_id is not null group by mailbox, event_id "
        "having count(*) > 1",
        "Cancel one of the visits and plan it anew.",
    ),
    Rule(
        "Every visit to come that is in a calendar has one event there.", "visits",
        "select v.id from visits v left join (select visit_id, count(*) as n from visit_events "
        "where wanted and event_id is not null group by 1) e on e.visit_id = v.id where v.state = 'planned' "
        "and v.published = 'published' and v.ends_at > now() and coalesce(e.n, 0) <> 1 order by 1",
        "Move the visit by a minute and back: its event is made anew.",
    ),
    Rule(
        "No visit ends before it begins.", "visits",
        "select id from visits where ends_at <= starts_at or \"end\" <= start order by 1",
        "Correct its times on the board.",
    ),
)  # fmt: skip
_TIME = (
    Rule(
        "Nobody has two timers running.", "timer_segments",
        "select person_id from timer_segments where ended_at is null group by person_id having count(*) > 1 "
        "order by 1",
        "Pause all but one.",
    ),
    Rule(
        "No minute of a person was counted twice by timers.", "timer_segments",
        "select id from (select id, started_at, max(coalesce(ended_at, 'infinity')) over (partition by person_id "
        "order by started_at, coalesce(ended_at, 'infinity'), id rows between unbounded preceding and 1 preceding) "
        "as before from timer_segments where ended_at is null or ended_at > started_at) s "
        "where started_at < before order by 1",
        "Look at what the person has noted in these minutes, and correct the later entry.",
    ),
    Rule(
        "No stretch of a timer ends before it begins, and a timer that has ended does not run.", "timer_segments",
        "select s.id from timer_segments s join timers t on t.id = s.timer_id where s.ended_at < s.started_at "
        "or s.person_id <> t.person_id or (s.ended_at is null and t.ended_at is not null) order by 1",
        "update timer_segments s set ended_at = greatest(s.started_at, t.ended_at) from timers t "
        "where t.id = s.timer_id and s.ended_at is null and t.ended_at is not null;",
    ),
    Rule(
        "What was billed is there.", "time_entries",
        "select 'time ' || id from time_entries where billed_at is not null and deleted_at is not null union all "
        "select 'item ' || id from ticket_items where billed_at is not null and deleted_at is not null",
        _BY_HAND,
    ),
)  # fmt: skip
_JOBS = (
    Rule(
        "No job has failed for good.", "procrastinate_jobs",
        "select task_name || ' ' || id from procrastinate_jobs where status = 'failed' order by id desc",
        "Whatever concerned a ticket is shown there with *try again*; the log has the reasons.", hint=True,
    ),
    Rule(
        "No job has stood still with its worker.", "procrastinate_jobs",
        "select j.task_name || ' ' || j.id from procrastinate_jobs j left join procrastinate_workers w "
        "on w.id = j.worker_id where j.status = 'doing' "
        "and (w.id is null or w.last_heartbeat < now() - interval '5 minutes') order by j.id",
        "Start a worker (`deskside work`): it takes them up within a minute.", hint=True,
    ),
    Rule(
        "No job has been due for more than an hour.", "procrastinate_jobs",
        "select task_name || ' ' || id from procrastinate_jobs where status = 'todo' "
        "and coalesce(scheduled_at, now()) < now() - interval '1 hour' order by id",
        "Start a worker (`deskside work`).", hint=True,
    ),
)  # fmt: skip
_RECEIPTS = (
    Rule(
        "What other systems were told they had made is there.", "receipts",
        "select r.source || ' ' || r.external_id from receipts r where r.source like 'api:%:%/messages' "
        "and r.result ~ '^[0-9]{1,18}$' and not exists (select from messages m where m.id = r.result::bigint) "
        "and not exists (select from deleted_rows d where d.table_name = 'messages' and d.row ->> 'id' = r.result) "
        "union all select r.source || ' ' || r.external_id from receipts r where r.source like 'api:%:%/visits' "
        "and r.result ~ '^[0-9]{1,9}$' and not exists (select from visits v where v.id = r.result::int) "
        "and not exists (select from deleted_rows d where d.table_name = 'visits' and d.row ->> 'id' = r.result) "
        "union all select r.source || ' ' || r.external_id from receipts r where r.source like 'api:%:%/tickets' "
        "and r.result ~ '^[0-9]{1,9}$' and not exists (select from tickets t where t.number = r.result::int) "
        "and not exists (select from deleted_tickets d where d.number = r.result::int)",
        "Let the other system send it again under another Idempotency-Key.",
    ),
)  # fmt: skip
RULES = (*_TICKETS, *_MAIL, *_TEAMS, *_VISITS, *_TIME, *_RECEIPTS, *_JOBS)
# Every place that names a file: what is shown of it, SHA-256, size in bytes (NULL: not written down).
FILES = """
select 'attachment ' || id, sha256, size::bigint from attachments
union all select 'document ' || id, sha256, size::bigint from order_documents
union all select 'item ' || id, file_sha256, file_size::bigint from ticket_items where file_sha256 <> ''
union all select 'order import ' || id, sha256, null from order_imports
union all select 'order import ' || id, outcome ->> 'problems', null from order_imports
  where coalesce(outcome ->> 'problems', '') <> ''
union all select 'file of a draft ' || id, sha256, size::bigint from draft_files
union all select 'mail ' || id, original, null from inbound_mails where original ~ '^[0-9a-f]{64}$'
"""
