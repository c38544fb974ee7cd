-- At most one row per key: its CURRENCY_MISMATCH, or the volume code that fits first (contract §5, client side).
-- signed_impact > 0 is to bill to the client, < 0 to refund.
with facts as (

    select
        status.client_id,
        status.product_code,
        status.basis,
        status.currency,
        status.minor_units,
        status.is_currency_mismatch,
        coalesce(clients.client_name, status.client_id) as client_name,
        coalesce(rules.product_name, status.product_code) as product_name,
        rules.is_vendor_backed,
        rules.markup_pct,
        rules.minimum_quantity,
        charges.effective_cost,
        run.period,
        run.period_days,
        quantities.expected_unit_days,
        quantities.invoiced_unit_days,
        quantities.expected_quantity,
        quantities.invoiced_quantity,
        variances.volume_variance,
        variances.invoiced_amount,
        variances.unit_price,
        variances.valued_at,
        invoiced.client_id is not null as has_invoice_line,
        coalesce(agreements.active_line_count, 0) > 0 as has_active_agreement,
        coalesce(agreements.ended_line_count, 0) > 0 as has_ended_agreement
    from {{ ref('int_key_status') }} as status
    cross join {{ ref('stg_run') }} as run
    inner join {{ ref('int_product_rules') }} as rules on status.product_code = rules.product_code
    inner join {{ ref('int_key_quantities') }} as quantities
        on status.client_id = quantities.client_id and status.product_code = quantities.product_code
    left join {{ ref('int_key_variances') }} as variances
        on status.client_id = variances.client_id and status.product_code = variances.product_code
    left join {{ ref('int_key_vendor_charges') }} as charges
        on status.client_id = charges.client_id and status.product_code = charges.product_code
    left join {{ ref('int_key_invoice_lines') }} as invoiced
        on status.client_id = invoiced.client_id and status.product_code = invoiced.product_code
    left join {{ ref('int_key_agreements') }} as agreements
        on status.client_id = agreements.client_id and status.product_code = agreements.product_code
    left join {{ ref('stg_clients') }} as clients on status.client_id = clients.client_id
    where status.is_compared or status.is_currency_mismatch

),

coded as (

    select
        *,
        case
            when is_currency_mismatch then 'CURRENCY_MISMATCH'
            when basis = 'cost_plus'
                then case when volume_variance > 0 then 'COST_PLUS_UNDERBILLED' when volume_variance < 0 then 'COST_PLUS_OVERBILLED' end
            when expected_unit_days = invoiced_unit_days then null
            when expected_unit_days = 0 and invoiced_unit_days > 0 and is_vendor_backed then 'BILLED_NOT_PROVIDED'
            when expected_unit_days > 0 and not has_invoice_line and has_active_agreement then 'AGREEMENT_NOT_INVOICED'
            when expected_unit_days > 0 and not has_invoice_line and has_ended_agreement then 'AGREEMENT_ENDED'
            when expected_unit_days > 0 and not has_invoice_line then 'UNBILLED_PRODUCT'
            when expected_quantity = invoiced_quantity then 'MID_PERIOD_CHANGE_NOT_PRORATED'
            when expected_unit_days > invoiced_unit_days then 'UNDERBILLED_QUANTITY'
            else 'OVERBILLED_QUANTITY'
        end as exception_code
    from facts

),

waiting as (

    -- the open mapping work of a source
    select
        source,
        'Map first: ' || source || ' has ' || {{ counted('sum(line_count)', 'unmapped record') }} || ', '
        || coalesce(
            'worth ' || string_agg({{ money_text('priced_at_cost', 'minor_units') }} || ' ' || currency, ' and ' order by currency)
            || ' at cost', 'none of them on a bill yet'
        )
        || '.' as sentence
    from (
        select source, currency, minor_units, sum(line_count) as line_count, sum(priced_at_cost) as priced_at_cost
        from {{ ref('int_mapping_findings') }}
        where exception_code in ('UNMAPPED_CUSTOMER', 'UNMAPPED_SKU')
        group by source, currency, minor_units
    ) as by_currency
    group by source

),

sources as (

    select product_code, source
    from {{ ref('stg_sku_map') }}
    union
    -- of a product that no SKU is mapped to yet, any vendor may be the source
    select rules.product_code, waiting.source
    from {{ ref('int_product_rules') }} as rules
    anti join {{ ref('stg_sku_map') }} as skus on rules.product_code = skus.product_code
    cross join waiting
    where rules.basis <> 'agreement'

),

unmapped as (

    -- what may be the whole cause of "not provided" and "overbilled"
    select sources.product_code, string_agg(waiting.sentence, ' ' order by waiting.sentence) as sentence
    from sources
    inner join waiting on sources.source = waiting.source
    group by sources.product_code

),

told as (

    select
        coded.*,
        coded.client_name || ', ' || coded.product_name || ', ' || coded.period || ': ' as opening,
        {{ plain_units('coded.expected_unit_days') }} as expected_text,
        {{ plain_units('coded.invoiced_unit_days') }} as invoiced_text,
        {{ plain_units('coded.expected_quantity') }} as expected_quantity_text,
        {{ plain_units('coded.invoiced_quantity') }} as invoiced_quantity_text,
        {{ money_text('abs(coded.volume_variance)', 'coded.minor_units') }} || ' ' || coalesce(coded.currency, '(no currency)')
            as money_text,
        -- a price below zero turns the direction, which the variance knows
        case when coded.volume_variance < 0 then 'Refund ' else 'Bill ' end as if_too_little,
        case when coded.volume_variance > 0 then 'Bill ' else 'Refund ' end as if_too_much,
        'vendor cost of ' || {{ price_text('coalesce(coded.effective_cost, 0)', 'coded.minor_units') }}
        || ' plus ' || {{ plain_number('coded.markup_pct') }}
        || ' % makes ' || {{ money_text('coded.invoiced_amount + coded.volume_variance', 'coded.minor_units') }} || ', '
        || {{ money_text('coded.invoiced_amount', 'coded.minor_units') }} || ' is invoiced.' as cost_plus_text,
        case coded.basis
            when 'vendor_billed' then ' by the vendor bill'
            when 'entitled' then ' by the licences provisioned'
            when 'assigned' then ' by the licences assigned'
            else ' by the agreement'
        end
        || case when coded.minimum_quantity > 0 then ' with a minimum of ' || {{ plain_number('coded.minimum_quantity') }} else '' end
            as counted_text,
        case coded.valued_at
            when 'cost' then 'the vendor''s cost, for no price is known'
            when 'none' then 'no price is known: agree one first'
            else
                {{ plain_units('abs(coded.expected_unit_days - coded.invoiced_unit_days)') }} || ' unit-days x '
                || {{ price_text('coded.unit_price', 'coded.minor_units') }} || ' a month / ' || coded.period_days || ' days, '
                || case coded.valued_at when 'invoice' then 'the invoiced price' else 'the ' || coded.valued_at || ' price' end
        end as price_text,
        unmapped.sentence as unmapped_text
    from coded
    left join unmapped on coded.product_code = unmapped.product_code
    where coded.exception_code is not null

)

select
    exception_code,
    client_id,
    product_code,
    currency,
    minor_units,
    valued_at,
    coalesce(case when not is_currency_mismatch then volume_variance end, 0)::decimal(28, 4) as signed_impact,
    opening || case exception_code
        when 'CURRENCY_MISMATCH'
            then
                'its invoice lines, agreement lines or counted vendor costs are in more than one currency, so nothing is compared. '
                || 'Correct the currency in the PSA or the map.'
        when 'COST_PLUS_UNDERBILLED'
            then cost_plus_text || ' Bill ' || money_text || ' more.'
        when 'COST_PLUS_OVERBILLED'
            then cost_plus_text || ' Refund ' || money_text || '.'
        when 'BILLED_NOT_PROVIDED'
            then
                invoiced_text || ' unit-days are invoiced, none are provided' || counted_text || '. ' || if_too_much || money_text || ' ('
                || price_text || '), or find the missing supply.' || coalesce(' ' || unmapped_text, '')
        when 'AGREEMENT_NOT_INVOICED'
            then
                expected_text || ' unit-days are provided' || counted_text
                || ' under an active agreement, no invoice line charges them. ' || if_too_little || money_text || ' (' || price_text || ').'
        when 'AGREEMENT_ENDED'
            then
                expected_text || ' unit-days are provided' || counted_text || ' although the agreement has ended. Renew and '
                || lower(if_too_little) || money_text || ' (' || price_text || '), or cancel at the vendor.'
        when 'UNBILLED_PRODUCT'
            then
                expected_text || ' unit-days are provided' || counted_text || ' with neither agreement nor invoice line. ' || if_too_little
                || money_text || ' (' || price_text || '), or cancel at the vendor.'
        when 'MID_PERIOD_CHANGE_NOT_PRORATED'
            then
                'the quantity on the last day agrees (' || expected_quantity_text || '), but ' || invoiced_text
                || ' unit-days are invoiced where ' || expected_text || ' were provided' || counted_text
                || ': a change within the month was not prorated. '
                || if_too_little || money_text || ' (' || price_text || ').'
        when 'UNDERBILLED_QUANTITY'
            then
                invoiced_text || ' of ' || expected_text || ' unit-days provided' || counted_text || ' are invoiced (last day: '
                || invoiced_quantity_text || ' of ' || expected_quantity_text || '). '
                || if_too_little || money_text || ' (' || price_text || ').'
        else
            invoiced_text || ' unit-days are invoiced where ' || expected_text || ' were provided' || counted_text || ' (last day: '
            || invoiced_quantity_text || ' against ' || expected_quantity_text || '). '
            || if_too_much || money_text || ' (' || price_text || ').'
            || coalesce(' ' || unmapped_text, '')
    end as explanation
from told
