-- One row per PSA dataset and kind of reference: agreement and invoice lines of P whose client or product is not landed
-- (contract §5.5, REFERENCE_MISSING). Not evaluated where either side is undeclared, missing or failed while loading.
with failed as (

    select distinct source, dataset
    from {{ ref('stg_load_controls') }}
    where not passed and dataset is not null

),

usable as (

    select declared.source, declared.dataset
    from {{ ref('stg_declared_datasets') }} as declared
    anti join failed on declared.source = failed.source and declared.dataset = failed.dataset

),

usable_masters as (

    -- every declared source of clients (products) must have loaded, or a missing id proves nothing
    select declared.dataset
    from {{ ref('stg_declared_datasets') }} as declared
    left join failed on declared.source = failed.source and declared.dataset = failed.dataset
    where declared.dataset in ('clients', 'products')
    group by declared.dataset
    having count(failed.dataset) = 0

),

used as (

    select source, 'agreements' as dataset, 'clients' as master, client_id as reference_id, record_id
    from {{ ref('stg_agreements') }}
    union all
    select source, 'agreements', 'products', product_code, record_id
    from {{ ref('stg_agreements') }}
    union all
    select source, 'invoice_lines', 'clients', client_id, record_id
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period
    union all
    select source, 'invoice_lines', 'products', product_code, record_id
    from {{ ref('int_invoice_lines') }}
    where is_landed_in_period

),

landed as (

    select 'clients' as master, client_id as reference_id, client_name as name from {{ ref('stg_clients') }}
    union all
    select 'products', product_code, product_name from {{ ref('stg_products') }}

),

missing as (

    select used.*
    from used
    anti join landed on used.master = landed.master and used.reference_id = landed.reference_id

),

asked as (

    select distinct master, reference_id from missing

),

-- what a missing id may be instead: a landed one's name, or a landed one written otherwise. A name wins: it is never an accident
meant as (

    select
        asked.master,
        asked.reference_id,
        'name' as kind,
        string_agg(distinct landed.reference_id, ' or ' order by landed.reference_id) as ids
    from asked
    inner join landed
        on asked.master = landed.master and {{ folded_name('asked.reference_id') }} = {{ folded_name('landed.name') }}
    group by asked.master, asked.reference_id
    union all
    select
        asked.master,
        asked.reference_id,
        'spelling' as kind,
        string_agg(distinct landed.reference_id, ' or ' order by landed.reference_id) as ids
    from asked
    inner join landed
        on
            asked.master = landed.master
            and {{ folded_id('asked.reference_id') }} = {{ folded_id('landed.reference_id') }}
            and {{ folded_id('asked.reference_id') }} <> ''
    group by asked.master, asked.reference_id

),

judged as (

    select
        missing.*,
        meant.kind,
        meant.ids
    from missing
    left join (
        select
            master,
            reference_id,
            min(kind) as kind,
            arg_min(ids, kind) as ids
        from meant
        group by master, reference_id
    ) as meant on missing.master = meant.master and missing.reference_id = meant.reference_id

),

examples as (

    select
        source,
        dataset,
        master,
        kind,
        array_to_string(
            list(
                {{ clipped('ids') }} || ' ("' || {{ clipped('reference_id') }} || '")' order by line_count desc, reference_id asc
            )[1:3], ', '
        ) as told
    from (
        select source, dataset, master, kind, reference_id, ids, count(*) as line_count
        from judged
        where kind is not null
        group by all
    ) as by_id
    group by source, dataset, master, kind

),

counted as (

    select
        source,
        dataset,
        master,
        count(*) as line_count,
        count(*) filter (where kind = 'name') as named_count,
        count(*) filter (where kind = 'spelling') as respelled_count,
        min(reference_id) as first_id,
        arg_min(record_id, (reference_id, record_id)) as first_record
    from judged
    group by source, dataset, master

)

select
    'REFERENCE_MISSING' as control,
    usable.source,
    usable.dataset,
    usable_masters.dataset as scope,
    0::decimal(38, 12) as expected,
    coalesce(counted.line_count, 0)::decimal(38, 12) as actual,
    counted.line_count is null as passed,
    case
        when counted.line_count is null then 'every line names a landed ' || rtrim(usable_masters.dataset, 's')
        else
            case when counted.line_count = 1 then '1 line names ' else counted.line_count || ' lines name ' end
            || usable_masters.dataset || ' that are not landed, first '
            || {{ clipped('counted.first_id') }} || ' (' || counted.first_record || '): '
            || concat_ws(
                '; ',
                case when counted.named_count = counted.line_count then 'these' else 'among them' end
                || ' are names of ' || usable_masters.dataset || ' whose id is ' || names.told || ': export the column with the id',
                case when counted.respelled_count = counted.line_count then 'these' else 'among them' end
                || ' are ids of ' || usable_masters.dataset || ' but for capitals, blanks or leading zeros: ' || spellings.told
                || ': let both exports write them alike',
                case
                    when counted.named_count + counted.respelled_count < counted.line_count
                        then 'land the ' || usable_masters.dataset || ' export again or correct the id'
                end
            )
    end as message
from usable
cross join usable_masters
left join counted
    on usable.source = counted.source and usable.dataset = counted.dataset and usable_masters.dataset = counted.master
left join examples as names
    on counted.source = names.source and counted.dataset = names.dataset and counted.master = names.master and names.kind = 'name'
left join examples as spellings
    on
        counted.source = spellings.source
        and counted.dataset = spellings.dataset
        and counted.master = spellings.master
        and spellings.kind = 'spelling'
where usable.dataset in ('agreements', 'invoice_lines')
