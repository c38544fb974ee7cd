-- One row: the MSP and the period this warehouse file is about, and the policies that apply.
with source as (

    select * from {{ source('raw', 'run') }}

),

renamed as (

    select
        msp_id,
        period,
        period_start,
        period_end,
        (period_end - interval 1 day)::date as period_last_day,
        (period_end - period_start)::integer as period_days,
        rounding_tolerance,
        materiality,
        min_coverage_pct
    from source

)

select * from renamed
