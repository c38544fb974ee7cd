-- One row per release made in P: whether every key of its client that could not be compared was seen (contract §8.3).
with not_compared as (

    select
        client_id,
        list_sort(list(distinct product_code)) as products
    from {{ ref('int_clients_not_compared') }}
    group by client_id

),

releases as (

    select
        decisions.*,
        decisions.fate in ('made', 'withdrawn') as is_settled
    from {{ ref('stg_decisions') }} as decisions
    cross join {{ ref('stg_run') }} as run
    where decisions.action = 'release' and decisions.made_in = run.period

),

newest as (

    select
        client_id,
        arg_max(decision_id, seq) as decision_id
    from releases
    where is_settled
    group by client_id

)

select
    releases.decision_id,
    releases.client_id,
    case
        when not releases.is_settled or releases.fate = 'withdrawn' then releases.fate
        when releases.decision_id <> newest.decision_id then 'replaced'
        when list_has_all(releases.keys, coalesce(not_compared.products, [])) then 'in_force'
        else 'stale'
    end as state
from releases
left join newest on releases.client_id = newest.client_id
left join not_compared on releases.client_id = not_compared.client_id
