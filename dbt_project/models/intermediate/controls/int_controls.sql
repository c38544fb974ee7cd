-- One row per evaluated control of this MSP and period, but CONSERVATION_BROKEN, which needs the marts (contract §5).
with failed_charges as (

    select source from {{ ref('stg_load_controls') }} where not passed and dataset = 'vendor_charges'
    union
    select source from {{ ref('int_invoice_total_controls') }} where not passed

),

measured as (

    select
        coverage.currency,
        coverage.is_sufficient,
        run.min_coverage_pct,
        -- is_sufficient is exact, the percentage has four places: one that is too low must not be shown as if it were enough
        case
            when coverage.is_sufficient then coalesce(coverage.coverage_pct, 0)
            else least(coverage.coverage_pct, run.min_coverage_pct - 0.0001)
        end as coverage_pct
    from {{ ref('int_coverage') }} as coverage
    cross join {{ ref('stg_run') }} as run

),

coverage as (

    select
        'COVERAGE_TOO_LOW' as control,
        null::varchar as source,
        null::varchar as dataset,
        currency as scope,
        min_coverage_pct::decimal(38, 12) as expected,
        coverage_pct::decimal(38, 12) as actual,
        is_sufficient as passed,
        {{ plain_number('coverage_pct') }} || ' % of the recurring and usage money in ' || currency
        || ' is mapped, the policy asks for ' || {{ plain_number('min_coverage_pct') }}
        || ' %: map the customers and SKUs listed as unmapped' as message
    from measured
    where not exists (select 1 from failed_charges)

)

select control, source, dataset, scope, expected, actual, passed, message from {{ ref('stg_load_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from {{ ref('int_reference_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from {{ ref('int_invoice_total_controls') }}
union all
select control, source, dataset, scope, expected, actual, passed, message from coverage
