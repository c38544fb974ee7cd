-- int_audit_facts: a line without exactly one disposition, a residual, a lost or altered ready line loses money unseen.
select *
from {{ ref('int_audit_facts') }}
where violations <> 0
